import { EARLIEST_CLOCK } from '@smx-edge/model';
import type { Journal } from '../journal/journal.js';
import { receivedIn, type Gap } from '../journal/gap.js';
import type { Segment } from '../journal/segment.js';
import { DAY } from '../windows/resolution.js';
import type { DroppedDay, Windows } from '../windows/windows.js';
import type { Archive } from './archive.js';

type Chore = Generator<undefined, void>;

/** One segment an hour comes due by age; no more go in a row, so that a clock far ahead for a while costs little. */
const AGE_PAUSE = 5 * 60_000;
/** Bytes of rows, index and pages beside each chunk's own. */
const OVERHEAD = 1.06;

export interface RetentionOptions {
  readonly journal: Journal;
  readonly archive: Archive;
  readonly windows: Windows;
  /** Longest age of samples by receive time, ms. */
  readonly raw: number;
  /** Longest age of windows of a minute, and of 15, ms. */
  readonly minutes: number;
  readonly keep: number;
  /** Bytes that samples and windows may take. */
  readonly budget: number;
  readonly onGap: (gap: Gap) => void;
}

/**
 * Lets go what is too old or too much, each time with a gap that tells of it: samples, of which windows of a minute and
 * of 15 minutes stay; then those of a minute; then those of 15. Windows go for want of room only where they take more
 * than half the budget. Always the oldest.
 */
export class Retention {
  private agedAt = -Infinity;

  constructor(private readonly options: RetentionOptions) {}

  /** The next thing that has to go, by age only where `now` may be believed. Throws what the disk throws. */
  due(now: number, isProven: boolean): Chore | undefined {
    const { raw, minutes, keep, budget, windows } = this.options;
    const { oldest } = this;
    if (this.used > budget) {
      if (oldest === undefined || windows.size > budget / 2) return this.forget('budget', () => windows.dropOldest());
      return this.drop(oldest, { why: 'budget', now });
    }
    if (!isProven) return undefined;
    for (const [shelf, age] of [
      [windows.minutes, minutes],
      [windows.quarters, keep],
    ] as const)
      if (windows.isAged(shelf, now - age)) return this.forget('age', () => windows.dropDay(shelf));
    if (oldest === undefined || now - this.dated <= raw) return undefined;
    if (Math.abs(now - this.agedAt) < AGE_PAUSE) return undefined;
    this.agedAt = now;
    return this.drop(oldest, { why: 'age', now });
  }

  /** Bytes that samples and windows take. */
  get used(): number {
    const { journal, archive, windows } = this.options;
    const files = journal.segments.reduce((sum, { bytes }) => sum + bytes, 0);
    const sealed = archive.segments.reduce((sum, { size }) => sum + size, 0);
    return files + OVERHEAD * (sealed + windows.size);
  }

  private get oldest(): Segment | undefined {
    const { journal, archive } = this.options;
    const [sealed] = archive.segments;
    const file = journal.oldestClosed;
    return sealed !== undefined && (file === undefined || sealed.seq < file.seq) ? sealed : file;
  }

  /**
   * Receive time of the oldest, ms UTC: the least of it and of all behind it, as one whose clock was ahead for a while is
   * no younger than what came next. Nor is what came before the clock was set older.
   */
  private get dated(): number {
    const { journal, archive } = this.options;
    let least = Infinity;
    for (const segments of [archive.segments, journal.segments])
      for (const { maxReceived } of segments)
        if (maxReceived >= EARLIEST_CLOCK && maxReceived < least) least = maxReceived;
    return least;
  }

  private *drop(segment: Segment, { why, now }: { why: 'age' | 'budget'; now: number }): Chore {
    const { journal, archive, windows, minutes, onGap } = this.options;
    const sealed = archive.get(segment.seq);
    if (sealed === undefined) journal.drop(segment);
    // windows that are too old already would go at once
    else yield* windows.thin(sealed, { minutes: now - segment.maxReceived < minutes });
    const { seq, samples } = segment;
    onGap({ why, segment: seq, bytes: sealed?.size ?? segment.bytes, samples, ...receivedIn(segment) });
  }

  private *forget(why: 'age' | 'budget', drop: () => DroppedDay | undefined): Chore {
    const gone = drop();
    if (gone === undefined) return;
    const { windows, bytes, from } = gone;
    this.options.onGap({ why, windows, bytes, from, to: from + DAY });
  }
}
