import type { EventFile } from '@smx-edge/extension-api';
import type { EventBegin, EventKind, PowerQualityEvent } from '@smx-edge/protocols/power-quality';
import type { Ring } from '../samples/ring.js';
import type { Channels } from '../samples/wiring.js';
import type { WaveSettings } from '../settings.js';
import { waveformFile, waveformOf } from './waveform.js';

const HOUR = 3_600_000;

/** ms of lost samples, half a cycle, that may look like an event, and ms around it in which they may. */
const LOST = 10;
const AROUND = 250;
/** Losses that are remembered: those of the longest event that can be doubted by them. */
const MOST_LOSSES = 500;

export interface EventTellerOptions {
  readonly ring: Ring;
  readonly channels: Channels;
  readonly wave: WaveSettings;
  tell(event: PowerQualityEvent, files: readonly EventFile[]): void;
  /** So much was lost about it that it may be none. */
  doubt(event: PowerQualityEvent): void;
}

/** An event whose wave is not whole yet. */
interface Waiting {
  readonly start: number;
  file?: EventFile | undefined;
  isCut: boolean;
  over?: PowerQualityEvent;
}

/** Puts to each event the wave around its begin: cut from the ring as soon as it is there, so that a long event does not outlive it. */
export class EventTeller {
  private readonly waiting = new Map<EventKind, Waiting>();
  /** Losses of samples: where they end, ms UTC, and how long they are, ms. */
  private readonly losses: (readonly [end: number, length: number])[] = [];
  /** When waves of the last hour were kept, ms UTC. */
  private kept: number[] = [];

  constructor(private readonly o: EventTellerOptions) {}

  /** Samples of so many ms up to `end`, ms UTC, are missing. */
  lose(end: number, length: number): void {
    this.losses.push([end, length]);
    if (this.losses.length > MOST_LOSSES) this.losses.shift();
  }

  begin({ kind, start }: EventBegin): void {
    // one that was not told was broken off by a loss
    this.waiting.set(kind, { start, isCut: false });
  }

  end(event: PowerQualityEvent): void {
    if (this.isDoubtful(event)) {
      this.waiting.delete(event.kind);
      this.o.doubt(event);
      return;
    }
    const waiting = this.waiting.get(event.kind) ?? { start: event.start, isCut: false };
    waiting.over = event;
    this.waiting.set(event.kind, waiting);
    this.look();
  }

  /** To be called with each piece of samples. */
  look(): void {
    if (this.waiting.size === 0) return;
    const { ring, wave, tell } = this.o;
    for (const [kind, waiting] of this.waiting) {
      if (!waiting.isCut && ring.endTime >= waiting.start + wave.after) {
        waiting.isCut = true;
        waiting.file = this.cut(waiting.start);
      }
      if (!waiting.isCut || waiting.over === undefined) continue;
      this.waiting.delete(kind);
      tell(waiting.over, waiting.file === undefined ? [] : [waiting.file]);
    }
  }

  /** What stands in for lost samples may leave the rest by more than an event does, so a long loss beside it is taken for its cause. */
  private isDoubtful({ start, duration }: PowerQualityEvent): boolean {
    const until = start + duration * 1000 + AROUND;
    let lost = 0;
    for (const [end, length] of this.losses) if (end >= start - AROUND && end - length <= until) lost += length;
    return lost >= LOST;
  }

  private cut(start: number): EventFile | undefined {
    const { ring, channels, wave } = this.o;
    this.kept = this.kept.filter((t) => Math.abs(start - t) < HOUR);
    if (this.kept.length >= wave.perHour) return undefined;
    const stretch = ring.cut(start - wave.before, start + wave.after);
    if (stretch === undefined) return undefined;
    this.kept.push(start);
    return waveformFile(waveformOf(stretch, channels));
  }
}
