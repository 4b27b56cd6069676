import { BAD, GOOD, qualityCode, type PointType, type PointValue, type Quality } from '@smx-edge/model';
import type { SampleInit } from '../point.js';
import type { WireExtra } from '../wire.js';
import { bounded, LINE } from './bounded.js';
import type { Channel } from './channel.js';

/** A point as the outbox sees it: its handle (-1 until known, -2 refused) and the newest value that could not travel yet. */
export interface Outgoing {
  readonly type: PointType;
  handle: number;
  pending: { value: PointValue; quality: number; reason: string | null; t: number | null } | undefined;
}

export const UNKNOWN = -1;
export const REFUSED = -2;

/** As the live table takes them; longer ones would not fit into a message. */
const LONGEST_TEXT = 8192;
const LONGEST_LIST = 1024;
/** Characters of texts and lists after which a message is sent, well below what one may hold. */
const FULL = 128 * 1024;

const FIT: Record<PointType, (value: PointValue) => boolean> = {
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  time: (value) => typeof value === 'number' && Number.isSafeInteger(value),
  boolean: (value) => typeof value === 'boolean',
  string: (value) => typeof value === 'string' && value.length <= LONGEST_TEXT,
  numbers: (value) => Array.isArray(value) && value.length <= LONGEST_LIST && value.every(Number.isFinite),
};

/**
 * Samples on their way to the host. What is set in one turn goes as one message; what cannot go yet (handle unknown, host
 * behind) waits as the newest value per point, so that it is bounded by the number of points.
 */
export class Outbox {
  private pairs: (PointValue | number)[] = [];
  private extras: WireExtra[] = [];
  private t: number | null = null;
  private readonly waiting = new Set<Outgoing>();
  private weight = 0;
  private armed = false;
  private skipped = 0;

  constructor(private readonly channel: Channel) {
    channel.onDrain(() => this.flush());
  }

  /** Source time of what is put from here on; samples of one source time share a message. */
  begin(t: number | null): void {
    if (t !== this.t) this.send();
    this.t = t;
  }

  put(point: Outgoing, value: PointValue, sample: SampleInit | undefined): void {
    if (point.handle === REFUSED) return;
    let given: PointValue = value;
    let reason = sample?.reason === undefined ? null : bounded(sample.reason, LINE);
    if (given !== null && !FIT[point.type](given)) {
      reason = `not ${point.type === 'number' ? 'a finite number' : `of type ${point.type}`}: ${shown(given)}`;
      given = null;
    }
    // what was no value of the point is never known to be absent, whatever its author calls it
    const quality = code(given, given === value ? sample?.quality : 'bad');
    const t = sample?.t ?? null;
    if (point.handle === UNKNOWN || this.channel.congested) {
      if (point.pending !== undefined && point.handle !== UNKNOWN) this.skipped++;
      point.pending = { value: given, quality, reason, t: t ?? this.t };
      this.waiting.add(point);
      return;
    }
    if (point.pending !== undefined) this.forget(point);
    this.append(point.handle, given, { quality, reason, t });
  }

  /** Sends what was put. */
  send(): void {
    if (this.pairs.length === 0) return;
    if (this.extras.length > 0) this.channel.send(['s', this.t, this.pairs, this.extras]);
    else this.channel.send(['s', this.t, this.pairs]);
    this.pairs = [];
    this.extras = [];
    this.weight = 0;
  }

  /** Sends at the end of this turn, so that single sets travel together. */
  later(): void {
    if (this.armed) return;
    this.armed = true;
    queueMicrotask(() => {
      this.armed = false;
      this.flush();
    });
  }

  /** The host has told the handle (or refused): what waited can go. */
  settle(point: Outgoing, handle: number): void {
    point.handle = handle;
    if (handle === REFUSED) this.forget(point);
    else if (point.pending !== undefined) this.later();
  }

  forget(point: Outgoing): void {
    point.pending = undefined;
    this.waiting.delete(point);
  }

  /** Sends all that can go now. */
  flush(): void {
    this.send();
    if (this.waiting.size > 0 && !this.channel.congested)
      for (const point of this.waiting) {
        if (point.handle < 0 || point.pending === undefined) continue;
        this.begin(point.pending.t);
        this.append(point.handle, point.pending.value, point.pending);
        this.forget(point);
      }
    this.send();
    if (this.skipped > 0 && !this.channel.congested) {
      this.channel.send(['throttled', this.skipped]);
      this.skipped = 0;
    }
  }

  private append(
    handle: number,
    value: PointValue,
    how: { quality: number; reason: string | null; t: number | null },
  ): void {
    const { quality, reason } = how;
    const t = how.t === this.t ? null : how.t;
    // to the host a bare null is bad: one that is known to be absent says so
    if (quality !== GOOD || value === null || reason !== null || t !== null)
      this.extras.push([this.pairs.length / 2, quality, reason, t]);
    this.pairs.push(handle, value);
    this.weight += (reason?.length ?? 0) + weightOf(value);
    if (this.weight > FULL) this.send();
  }
}

const weightOf = (value: PointValue): number =>
  typeof value === 'string' ? value.length : typeof value === 'object' && value !== null ? value.length * 20 : 30;

function code(value: PointValue, quality: Quality | undefined): number {
  if (quality !== undefined) return qualityCode(quality);
  return value === null ? BAD : GOOD;
}

function shown(value: PointValue): string {
  const text = String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
