import { join } from 'node:path';
import type { Archive } from '../chunk/archive.js';
import { rebuildSegment, type Rebuilt } from '../chunk/rebuild.js';
import { HistoryDamage, isDamage } from '../database/database.js';
import type { SealedSegment } from '../database/segment-table.js';
import { FRAME_HEAD, FrameWalker } from '../journal/frame.js';
import type { Journal } from '../journal/journal.js';
import { isMark } from '../journal/mark.js';
import { journalPosition, positionOffset, positionSegment } from '../journal/position.js';
import { SampleReader } from '../journal/sample-reader.js';
import { readOn } from '../journal/segment-bytes.js';
import { SEGMENT_HEAD, segmentName, type Segment } from '../journal/segment.js';
import type { Commit, CommitSource, CommittedRecord, Handles } from './commit-source.js';

/** Segments kept in memory, so that neighbouring batches do not read the same file again. */
const KEPT = 2;

const NOTHING = Buffer.alloc(0);
const NONE: CommittedRecord['samples'] = [];

type Range = readonly [from: number, to: number];

interface Loaded {
  readonly seq: number;
  /** What it was made of; undefined = its file. */
  readonly sealed: SealedSegment | undefined;
  readonly bytes: Buffer;
  readonly erased: readonly Range[];
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

  *read({ from, to, handles }: Parameters<CommitSource['read']>[0]): Generator<Commit, void> {
    const last = positionSegment(to);
    for (const segment of this.segments()) {
      if (segment.seq < positionSegment(from) || segment.seq > last) continue;
      const start = segment.seq === positionSegment(from) ? Math.max(positionOffset(from), SEGMENT_HEAD) : SEGMENT_HEAD;
      const end = segment.seq === last ? Math.min(positionOffset(to), segment.bytes) : segment.bytes;
      if (start < end) yield* this.walk(this.load(segment, end), start, { end, handles });
    }
  }

  private *walk(
    { seq, bytes, erased }: Loaded,
    start: number,
    { end, handles }: { end: number; handles: Handles | undefined },
  ): Generator<Commit, void> {
    const walker = new FrameWalker(bytes.subarray(0, end), start);
    const reader = new SampleReader();
    let told = 0;
    for (let more = walker.next(); ; more = walker.next()) {
      for (; told < walker.damaged.length; told++) yield* unread(walker.damaged[told]!, { seq, erased });
      if (!more) {
        // frames fill a segment to its end, so zeros there are damage too
        if (walker.used < end && walker.damaged.at(-1)?.[1] !== end) yield* unread([walker.used, end], { seq, erased });
        return;
      }
      reader.open(bytes, walker.start, walker.end);
      const { received } = reader;
      yield {
        at: journalPosition(seq, walker.start - FRAME_HEAD),
        end: journalPosition(seq, walker.end),
        received,
        isMark: isMark(bytes, walker.start, walker.end),
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
    const { archive, folder } = this.o;
    const sealed = archive.get(seq);
    // where something was erased it is another
    if (known?.sealed === sealed && known !== undefined && known.bytes.length >= end) return known;
    // a file that is written to grows a little with each flush; a sealed segment that is unreadable is damage throughout
    const before = known?.sealed === undefined ? known?.bytes : undefined;
    const found =
      sealed === undefined
        ? { bytes: readOn(join(folder, segmentName(seq)), size, before ?? NOTHING), erased: [] }
        : (rebuilt(archive, sealed) ?? { bytes: Buffer.alloc(size), erased: [] });
    const loaded = { seq, sealed, ...found };
    this.kept = [loaded, ...this.kept.filter((other) => other.seq !== seq)].slice(0, KEPT);
    return loaded;
  }
}

/** A stretch without sound frames: in it, what was erased is none of the damage. */
function* unread(
  [from, to]: Range,
  { seq, erased }: { seq: number; erased: readonly Range[] },
): Generator<Commit, void> {
  let at = from;
  for (const [hole, end] of erased) {
    if (end <= at || hole >= to) continue;
    if (hole > at) yield { damaged: [journalPosition(seq, at), journalPosition(seq, hole)] };
    yield { erased: [journalPosition(seq, Math.max(at, hole)), journalPosition(seq, Math.min(end, to))] };
    at = end;
  }
  if (at < to) yield { damaged: [journalPosition(seq, at), journalPosition(seq, to)] };
}

/** Batches are cut within what is done to the store, which must not be blamed. */
function rebuilt(archive: Archive, segment: SealedSegment): Rebuilt | undefined {
  try {
    return rebuildSegment(archive, segment);
  } catch (error) {
    throw isDamage(error) ? new HistoryDamage('a segment cannot be read', { cause: error }) : error;
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
