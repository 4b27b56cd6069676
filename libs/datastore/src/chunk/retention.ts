import type { Journal } from '../journal/journal.js';
import { receivedIn, type Gap } from '../journal/gap.js';
import type { Segment } from '../journal/segment.js';
import type { Archive } from './archive.js';

/** One segment an hour comes due by age; no more go in a row, so that a clock far ahead for a while costs little. */
const AGE_PAUSE = 5 * 60_000;
/** Bytes of rows, index and pages beside each chunk's own. */
const OVERHEAD = 1.06;

export interface RetentionOptions {
  readonly journal: Journal;
  readonly archive: Archive;
  /** Longest age of samples by receive time, ms. */
  readonly raw: number;
  /** Bytes that samples may take. */
  readonly budget: number;
  readonly onGap: (gap: Gap) => void;
}

/** Lets go what is too old or too much: always the oldest, each with a gap that tells of it. */
export class Retention {
  private agedAt = -Infinity;

  constructor(private readonly options: RetentionOptions) {}

  /** Throws what the file system throws. */
  run(now: number): void {
    const { raw, budget } = this.options;
    for (let oldest = this.oldest; this.used > budget && oldest !== undefined; oldest = this.oldest)
      this.drop(oldest, 'budget');
    const { oldest } = this;
    if (oldest === undefined || now - oldest.maxReceived <= raw) return;
    if (Math.abs(now - this.agedAt) < AGE_PAUSE) return;
    this.agedAt = now;
    this.drop(oldest, 'age');
  }

  /** Bytes that samples take. */
  get used(): number {
    const { journal, archive } = this.options;
    const files = journal.segments.reduce((sum, { bytes }) => sum + bytes, 0);
    return files + OVERHEAD * archive.segments.reduce((sum, { size }) => sum + size, 0);
  }

  private get oldest(): Segment | undefined {
    const { journal, archive } = this.options;
    const [sealed] = archive.segments;
    const file = journal.oldestClosed;
    return sealed !== undefined && (file === undefined || sealed.seq < file.seq) ? sealed : file;
  }

  private drop(segment: Segment, why: 'age' | 'budget'): void {
    const { journal, archive, onGap } = this.options;
    const sealed = archive.get(segment.seq);
    if (sealed === undefined) journal.drop(segment);
    else archive.drop(sealed);
    const { seq, samples } = segment;
    onGap({ why, segment: seq, bytes: sealed?.size ?? segment.bytes, samples, ...receivedIn(segment) });
  }
}
