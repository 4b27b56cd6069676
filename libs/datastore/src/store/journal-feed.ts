import type { SampleBatch } from '@smx-edge/model';
import type { Gap } from '../journal/gap.js';
import type { SampleRange } from '../journal/segment.js';
import { SampleEncoder } from '../journal/sample-encoder.js';

/** Records on their way to the thread before new samples wait here, and how many bytes may wait. */
const MOST_UNDERWAY = 8;

export interface JournalFeedOptions {
  /** Whether there is a thread to hand records to; until there is, samples wait as they do for one that is behind. */
  readonly isOpen: () => boolean;
  /** Hands a record over; resolves when the thread has it. */
  readonly send: (record: Buffer, range: SampleRange) => Promise<void>;
  readonly onGap: (gap: Gap) => void;
}

/**
 * Turns batches into records of the journal. A thread that falls behind (a card that takes seconds for a write) is not
 * run over: what does not fit into one waiting record any more is let go, counted, and told as a gap.
 */
export class JournalFeed {
  private readonly encoder = new SampleEncoder();
  private underway = 0;
  private dropped = 0;
  private droppedFrom = Infinity;
  private droppedTo = -Infinity;

  constructor(private readonly options: JournalFeedOptions) {}

  add(batch: SampleBatch): void {
    for (let from = 0; from < batch.n;) {
      const next = this.encoder.add(batch, from);
      if (next === from) {
        if (this.post()) continue;
        this.drop(batch, batch.n - from);
        return;
      }
      from = next;
    }
  }

  /** Receive time of the oldest sample that waits here, ms UTC; Infinity where none does. */
  get waitingSince(): number {
    return this.encoder.minReceived;
  }

  /** Sends what has gathered. False where the thread is too far behind to take it, or there is none. */
  post(): boolean {
    const { encoder, options } = this;
    if (encoder.samples === 0) return true;
    if (this.underway >= MOST_UNDERWAY || !options.isOpen()) return false;
    const { samples, minT, maxT, minReceived, maxReceived } = encoder;
    const record = encoder.take();
    if (record === undefined) return true;
    this.underway++;
    const range = { samples, minT, maxT, minReceived, maxReceived };
    options.send(record, range).then(
      () => this.underway--,
      () => {
        // the thread died with it
        this.underway--;
        options.onGap({ why: 'write-failed', samples, from: minReceived, to: maxReceived });
      },
    );
    if (this.dropped > 0) this.tellDropped();
    return true;
  }

  private drop({ received }: SampleBatch, n: number): void {
    this.dropped += n;
    this.droppedFrom = Math.min(this.droppedFrom, received);
    this.droppedTo = Math.max(this.droppedTo, received);
  }

  private tellDropped(): void {
    this.options.onGap({ why: 'overrun', samples: this.dropped, from: this.droppedFrom, to: this.droppedTo });
    this.dropped = 0;
    this.droppedFrom = Infinity;
    this.droppedTo = -Infinity;
  }
}
