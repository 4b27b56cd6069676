import type { EventFile } from '@smx-edge/extension-api';
import type { EventBegin, EventKind, PowerQualityEvent } from '@smx-edge/protocols/power-quality';
import type { Ring } from '../samples/ring.js';
import type { Channels } from '../samples/wiring.js';
import type { WaveSettings } from '../settings.js';
import { waveformFile, waveformOf } from './waveform.js';

const HOUR = 3_600_000;

export interface EventTellerOptions {
  readonly ring: Ring;
  readonly channels: Channels;
  readonly wave: WaveSettings;
  tell(event: PowerQualityEvent, files: readonly EventFile[]): void;
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
  /** When waves of the last hour were kept, ms UTC. */
  private kept: number[] = [];

  constructor(private readonly o: EventTellerOptions) {}

  begin({ kind, start }: EventBegin): void {
    // one that was not told was broken off by a loss
    this.waiting.set(kind, { start, isCut: false });
  }

  end(event: PowerQualityEvent): void {
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
