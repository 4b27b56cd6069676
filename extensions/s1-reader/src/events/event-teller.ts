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
  readonly kind: EventKind;
  readonly start: number;
  file?: EventFile | undefined;
  isCut: boolean;
  over?: PowerQualityEvent;
}

/** Puts to each event the wave around its begin: cut from the ring as soon as it is there, so that a long event does not outlive it. */
export class EventTeller {
  private waiting: Waiting[] = [];
  /** When waves of the last hour were kept, ms UTC. */
  private kept: number[] = [];

  constructor(private readonly o: EventTellerOptions) {}

  begin({ kind, start }: EventBegin): void {
    this.waiting.push({ kind, start, isCut: false });
  }

  end(event: PowerQualityEvent): void {
    // one before it may still wait for its wave
    const begun = this.waiting.find(({ kind, over }) => kind === event.kind && over === undefined);
    if (begun !== undefined) begun.over = event;
    else this.waiting.push({ kind: event.kind, start: event.start, isCut: false, over: event });
    this.look();
  }

  /** To be called with each piece of samples. */
  look(): void {
    if (this.waiting.length === 0) return;
    const { ring, wave, tell } = this.o;
    for (const waiting of this.waiting) {
      if (!waiting.isCut && ring.endTime >= waiting.start + wave.after) {
        waiting.isCut = true;
        waiting.file = this.cut(waiting.start);
      }
      if (!waiting.isCut || waiting.over === undefined) continue;
      tell(waiting.over, waiting.file === undefined ? [] : [waiting.file]);
    }
    this.waiting = this.waiting.filter(({ isCut, over }) => !isCut || over === undefined);
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
