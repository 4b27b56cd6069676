import { describeError, type Log } from '@smx-edge/model';
import type { InstanceState } from '../context.js';
import type { Device } from '../device.js';
import type { Entries, Entry } from './entry.js';
import { eventOf, type EventNames } from './event-names.js';
import type { EventPace } from './event-pace.js';
import { isOfObject } from './faults.js';
import { Slice } from './slice.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** What a meter writes late stands up to this far behind what was read. */
const OVERLAP = HOUR;
/** A stretch is at most so many times as long as the last one, h: where more was written it may take as much longer. */
const GROWTH = 2;
const FIRST = 4;
/** After a fault of the store, or of this log alone, ms. */
const AGAIN = 5000;
const REST = 900_000;

export interface EventLogOptions<Session> {
  /** As the meter names it. */
  readonly name: string;
  readonly names: EventNames;
  readonly device: Device;
  readonly state: InstanceState;
  /** Where it is kept up to when the log was read. */
  readonly key: string;
  /** Where nothing was read yet, ms UTC. */
  readonly from: number;
  /** ms between looks for new entries. */
  readonly every: number;
  readonly log: Log;
  /** One for all logs of the instance. */
  readonly pace: EventPace;
  now(): number;
  /** How far the meter's clock is behind the box's, ms; 0 where it is not, or not known. */
  behind(): number;
  /** Time that went into signing on so far, ms, which no slice is to be judged by. Default none. */
  signedOn?(): number;
  /**
   * Entries from `from` to `to`, ms UTC by the meter's clock. Rejects with a code of `isOfObject` where the fault is of this log
   * alone.
   */
  fetch(session: Session, from: number, to: number): Promise<Entries>;
}

/**
 * Tells the entries of one event log as events, from the last one told to the present of the meter's clock, a stretch of time
 * at once: as long as the time left until the next values are due allows. They are told beside the reading. An entry is told
 * once, whatever is cut: up to when was read is written behind the events, and the store takes none twice.
 */
export class EventLog<Session> {
  private readonly slice = new Slice();
  /** Up to when the log is told, ms UTC by the meter's clock. */
  private cursor: number | undefined;
  private kept = 0;
  /** The last stretch, h. */
  private stretch = FIRST / GROWTH;
  /** Entries not told yet, and up to when they go. */
  private pending: Entry[] = [];
  private reaches = 0;
  /** Entries told that may be read again, by what they say. */
  private readonly told = new Map<string, number>();
  /** Some were told since `cursor` was kept. */
  private isNews = false;
  /** Entries on their way to the disk: a meter may not wait for it, as it may take a second. */
  private telling: Promise<void> | undefined;
  private tellsFrom = 0;
  private asksFrom = 0;
  private timeless = 0;

  constructor(private readonly o: EventLogOptions<Session>) {}

  /** Reads some entries where there may be and it fits into `left` ms. Resolves to whether it did. */
  async step(session: Session, left: number): Promise<boolean> {
    const { now, state, key, from } = this.o;
    if (this.telling !== undefined) return false;
    if (this.pending.length > 0) {
      if (now() >= this.tellsFrom) this.begin();
      return false;
    }
    if (now() < this.asksFrom) return false;
    this.cursor ??= this.kept = (await state.get<number>(key)) ?? from;
    const hours = Math.min(this.slice.rows(left), GROWTH * this.stretch);
    if (hours < 1) return false;
    try {
      await this.read(session, this.cursor, hours);
    } catch (error) {
      if (!this.mends(error, hours)) throw error;
    }
    return true;
  }

  private async read(session: Session, cursor: number, hours: number): Promise<void> {
    const { now, behind, fetch, signedOn = () => 0 } = this.o;
    const [began, aside] = [now(), signedOn()];
    const present = began - behind();
    // a meter's clock that was set back writes what comes at times that were told
    const start = Math.min(cursor, present);
    const upTo = start + hours * HOUR;
    const isLast = upTo >= present;
    // a meter's clock may be ahead of the box's
    const to = isLast ? present + DAY : upTo;
    const { entries, timeless } = await fetch(session, start - OVERLAP, to);
    this.stretch = Math.max(1, Math.min(hours, Math.ceil((present - start) / HOUR)));
    this.slice.took(now() - began - (signedOn() - aside), this.stretch);
    this.warn(timeless);
    this.pending = entries.filter((entry) => !this.told.has(JSON.stringify(entry))).sort((a, b) => a.t - b.t);
    // an answer may end because it holds no more: only where nothing new comes is there nothing
    this.reaches = Math.min(Math.max(start, this.pending.at(-1)?.t ?? to), to, present);
    if (isLast) this.asksFrom = now() + this.o.every;
    this.begin();
  }

  private begin(): void {
    this.telling = this.tell().finally(() => (this.telling = undefined));
  }

  /** Never rejects: what was not kept is told again. */
  private async tell(): Promise<void> {
    const { device, name, names, pace, now, log } = this.o;
    try {
      for (let entry = this.pending[0]; entry !== undefined; entry = this.pending[0]) {
        if (!pace.take(now())) return;
        const { code, event } = eventOf(entry, { ...names, log: name });
        await device.event(code, event);
        this.told.set(JSON.stringify(entry), entry.t);
        this.isNews = true;
        this.pending.shift();
      }
      await this.reached();
    } catch (error) {
      // the meter is not to blame
      log.warn('entries of the event log could not be kept yet', { log: name, error: describeError(error) });
      this.tellsFrom = now() + AGAIN;
    }
  }

  /** All up to `reaches` is told. Written only where that is worth it: each write is an fsync. */
  private async reached(): Promise<void> {
    const { state, key } = this.o;
    this.cursor = this.reaches;
    for (const [entry, t] of this.told) if (t < this.cursor - OVERLAP) this.told.delete(entry);
    const more = this.cursor - this.kept;
    if (!this.isNews && more < DAY && more > -OVERLAP) return;
    await state.set(key, this.cursor);
    this.kept = this.cursor;
    this.isNews = false;
  }

  /** The same rows come again while they are within the overlap. */
  private warn(timeless: number): void {
    const { log, name } = this.o;
    if (timeless > this.timeless)
      log.warn('rows of the event log have no time and are left out', { log: name, rows: timeless });
    this.timeless = timeless;
  }

  /** Whether the fault is of this log alone: it is then asked for less, or left for a while. */
  private mends(error: unknown, hours: number): boolean {
    const { now, log, name } = this.o;
    if (!isOfObject(error)) return false;
    this.slice.failed();
    if (hours > 1) return true;
    this.asksFrom = now() + REST;
    log.warn('the event log cannot be read for now', { log: name, error: error.message });
    return true;
  }
}
