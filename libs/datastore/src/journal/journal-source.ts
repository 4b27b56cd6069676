import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { SampleQuery, SampleSource, StoredSample } from '../history/sample-source.js';
import { FrameWalker } from './frame.js';
import type { Gap } from './gap.js';
import { SampleReader } from './sample-reader.js';
import { SEGMENT_HEAD, segmentName, type Segment } from './segment.js';

/** Bytes walked between two breaths. */
const BREATH = 128 * 1024;

interface Found extends StoredSample {
  /** Order of commit. */
  readonly order: number;
}

export interface JournalSourceOptions {
  readonly folder: string;
  /** Grows and shrinks as the journal does. */
  readonly segments: readonly Segment[];
  readonly onGap: (gap: Gap) => void;
}

/** Samples out of the segments. Damage met on the way is stepped over and told once. */
export class JournalSource implements SampleSource {
  private readonly told = new Set<number>();

  constructor(private readonly options: JournalSourceOptions) {}

  oldest(): number | undefined {
    const oldest = this.options.segments.reduce((min, { minT }) => Math.min(min, minT), Infinity);
    return oldest === Infinity ? undefined : oldest;
  }

  *read(query: SampleQuery): Generator<readonly StoredSample[] | undefined, void> {
    const { from, to } = query;
    const relevant = this.options.segments
      .filter((segment) => segment.maxT > from && segment.minT <= to)
      .sort((a, b) => a.minT - b.minT || a.seq - b.seq);
    let pending: Found[] = [];
    for (const [i, segment] of relevant.entries()) {
      yield* this.scan(segment, query, pending);
      // no later segment has anything before this time
      const mark = relevant[i + 1]?.minT ?? Infinity;
      pending.sort((a, b) => a.t - b.t || a.order - b.order);
      let done = pending.findIndex(({ t }) => t >= mark);
      if (done < 0) done = pending.length;
      if (done > 0) yield pending.slice(0, done);
      pending = pending.slice(done);
    }
  }

  private *scan(segment: Segment, { handle, from, to }: SampleQuery, into: Found[]): Generator<undefined, void> {
    const bytes = this.load(segment);
    if (bytes === undefined) return;
    const walker = new FrameWalker(bytes, SEGMENT_HEAD);
    const reader = new SampleReader();
    let order = segment.seq * 2 ** 24;
    let breath = BREATH;
    while (walker.next()) {
      reader.open(bytes, walker.start, walker.end);
      while (reader.next()) {
        order++;
        if (reader.handle !== handle || reader.t <= from || reader.t > to) continue;
        // a stale or bad restatement may carry a time from before this segment, which has been given already
        if (reader.t < segment.minT) continue;
        into.push({ t: reader.t, quality: reader.quality, value: reader.value(), order });
      }
      if (walker.used > breath) {
        breath = walker.used + BREATH;
        yield undefined;
      }
    }
    // frames fill a segment to its end, so zeros there are damage too
    const whole = walker.used === bytes.length && walker.damaged.length === 0;
    if (!whole) this.tell(segment, walker);
  }

  private load(segment: Segment): Buffer | undefined {
    let fd: number;
    try {
      fd = openSync(join(this.options.folder, segmentName(segment.seq)), 'r');
    } catch (error) {
      // retention may have taken it since the query began
      if (!this.options.segments.includes(segment)) return undefined;
      throw error;
    }
    try {
      const bytes = Buffer.alloc(segment.bytes);
      let done = 0;
      for (let n = -1; n !== 0 && done < bytes.length; done += n)
        n = readSync(fd, bytes, done, bytes.length - done, done);
      return bytes;
    } finally {
      closeSync(fd);
    }
  }

  private tell({ seq, minReceived, maxReceived }: Segment, { damaged, used, bytes: all }: FrameWalker): void {
    if (this.told.has(seq)) return;
    this.told.add(seq);
    const inside = damaged.filter(([from]) => from < used);
    const bytes = inside.reduce((sum, [from, to]) => sum + to - from, 0) + all.length - used;
    this.options.onGap({ why: 'damaged', segment: seq, bytes, from: minReceived, to: maxReceived });
  }
}
