import { join } from 'node:path';
import type { Archive } from '../chunk/archive.js';
import { rebuildSegment } from '../chunk/rebuild.js';
import { FRAME_HEAD, FrameWalker } from '../journal/frame.js';
import type { Journal } from '../journal/journal.js';
import { journalPosition, positionOffset, positionSegment } from '../journal/position.js';
import { SampleReader } from '../journal/sample-reader.js';
import { readBytes } from '../journal/segment-bytes.js';
import { SEGMENT_HEAD, segmentName, type Segment } from '../journal/segment.js';
import type { CommitSource, CommittedRecord, DamagedStretch, Handles } from './commit-source.js';

/** Segments kept in memory, so that neighbouring batches do not read the same file again. */
const KEPT = 2;

const NONE: CommittedRecord['samples'] = [];

interface Loaded {
  readonly seq: number;
  readonly bytes: Buffer;
}

/** Committed records out of segments, whether they are files still or sealed. */
export class SegmentCommits implements CommitSource {
  private kept: Loaded[] = [];

  constructor(
    private readonly journal: Pick<Journal, 'segments' | 'committed'>,
    private readonly o: { readonly archive: Archive; readonly folder: string },
  ) {}

  get oldest(): number {
    const [first] = this.segments();
    return first === undefined ? this.end : journalPosition(first.seq, SEGMENT_HEAD);
  }

  get end(): number {
    return this.journal.committed;
  }

  positionOf(t: number): number | undefined {
    const segments = this.segments();
    const [first] = segments;
    // the first segment of all has nothing before it that could be missing
    if (first !== undefined && first.seq > 1 && first.minReceived > t) return undefined;
    const segment = segments.find(({ maxReceived }) => maxReceived >= t);
    return segment === undefined ? this.end : journalPosition(segment.seq, SEGMENT_HEAD);
  }

  *read({ from, to, handles }: Parameters<CommitSource['read']>[0]): Generator<CommittedRecord | DamagedStretch, void> {
    const last = positionSegment(to);
    for (const segment of this.segments()) {
      if (segment.seq < positionSegment(from) || segment.seq > last) continue;
      const start = segment.seq === positionSegment(from) ? Math.max(positionOffset(from), SEGMENT_HEAD) : SEGMENT_HEAD;
      const end = segment.seq === last ? Math.min(positionOffset(to), segment.bytes) : segment.bytes;
      if (start < end) yield* this.walk(this.load(segment, end), start, { end, handles });
    }
  }

  private *walk(
    { seq, bytes }: Loaded,
    start: number,
    { end, handles }: { end: number; handles: Handles | undefined },
  ): Generator<CommittedRecord | DamagedStretch, void> {
    const walker = new FrameWalker(bytes.subarray(0, end), start);
    const reader = new SampleReader();
    let told = 0;
    for (let more = walker.next(); ; more = walker.next()) {
      for (; told < walker.damaged.length; told++) {
        const [from, to] = walker.damaged[told]!;
        yield { damaged: [journalPosition(seq, from), journalPosition(seq, to)] };
      }
      if (!more) {
        // frames fill a segment to its end, so zeros there are damage too
        if (walker.used < end && walker.damaged.at(-1)?.[1] !== end)
          yield { damaged: [journalPosition(seq, walker.used), journalPosition(seq, end)] };
        return;
      }
      reader.open(bytes, walker.start, walker.end);
      const { received } = reader;
      yield {
        at: journalPosition(seq, walker.start - FRAME_HEAD),
        end: journalPosition(seq, walker.end),
        received,
        isMark: walker.end === walker.start + 8,
        samples: handles === undefined ? NONE : samplesOf(reader, handles),
      };
    }
  }

  /** By sequence. */
  private segments(): Segment[] {
    return [...this.o.archive.segments, ...this.journal.segments].sort((a, b) => a.seq - b.seq);
  }

  /** Bytes of a segment as far as `end` at least. */
  private load({ seq, bytes: size }: Segment, end: number): Loaded {
    const known = this.kept.find((loaded) => loaded.seq === seq);
    if (known !== undefined && known.bytes.length >= end) return known;
    const { archive, folder } = this.o;
    const sealed = archive.get(seq);
    // a sealed segment that cannot be read is damage from end to end
    const bytes =
      sealed === undefined
        ? readBytes(join(folder, segmentName(seq)), size)
        : (rebuildSegment(archive, sealed) ?? Buffer.alloc(size));
    const loaded = { seq, bytes };
    this.kept = [loaded, ...this.kept.filter((other) => other.seq !== seq)].slice(0, KEPT);
    return loaded;
  }
}

function samplesOf(reader: SampleReader, handles: Handles): CommittedRecord['samples'] {
  const found: CommittedRecord['samples'][number][] = [];
  while (reader.next()) {
    const { handle, t, received, quality } = reader;
    if (handles.has(handle)) found.push({ handle, t, received, quality, value: reader.value() });
  }
  return found;
}
