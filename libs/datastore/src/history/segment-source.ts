import { join as joinPath } from 'node:path';
import type { Archive } from '../chunk/archive.js';
import { PointSamples } from '../chunk/point-samples.js';
import type { DamageNotes } from '../journal/damage-notes.js';
import { FrameWalker } from '../journal/frame.js';
import { SampleReader } from '../journal/sample-reader.js';
import { readBytes } from '../journal/segment-bytes.js';
import { SEGMENT_HEAD, segmentName, type Segment } from '../journal/segment.js';
import { inOrder, isRising, join, pick, slice, type SampleRun } from './sample-run.js';
import type { SampleQuery, SampleSource } from './sample-source.js';

/** Bytes of a segment file walked between two breaths. */
const BREATH = 128 * 1024;

const NOTHING: SampleRun = { n: 0, t: new Float64Array(0), quality: new Uint8Array(0), number: new Float64Array(0) };

/** What is left of a segment's samples, in order of t. */
interface Part {
  readonly seq: number;
  run: SampleRun;
}

export interface SegmentSourceOptions {
  /** Where the segment files are. */
  readonly folder: string;
  /** Segments with a file; grows and shrinks as the journal does. */
  readonly files: readonly Segment[];
  readonly archive: Archive;
  readonly damage: DamageNotes;
}

/** Samples out of segments, whether they are files still or sealed. Damage met on the way is stepped over and told once. */
export class SegmentSource implements SampleSource {
  constructor(private readonly options: SegmentSourceOptions) {}

  oldest(): number | undefined {
    let oldest = Infinity;
    for (const { minT } of this.segments()) oldest = Math.min(oldest, minT);
    return oldest === Infinity ? undefined : oldest;
  }

  *read(query: SampleQuery): Generator<SampleRun | undefined, void> {
    const { from, to, upto = Infinity, without } = query;
    const relevant = [...this.segments()]
      .filter((segment) => segment.maxT > from && segment.minT <= to && segment.seq <= upto)
      .filter((segment) => without?.holds(segment) !== true)
      .sort((a, b) => a.minT - b.minT || a.seq - b.seq);
    let pending: Part[] = [];
    for (const [i, segment] of relevant.entries()) {
      const own = within(yield* this.samples(segment, query.handle), query, segment);
      if (own.n > 0) pending.push({ seq: segment.seq, run: inOrder(own) });
      // no later segment has anything before this time
      const ready = takeBefore(pending, relevant[i + 1]?.minT ?? Infinity);
      if (ready.n > 0) yield ready;
      pending = pending.filter(({ run }) => run.n > 0);
    }
  }

  private *segments(): Generator<Segment> {
    yield* this.options.archive.segments;
    yield* this.options.files;
  }

  /** All samples of a point in a segment, in order of commit. */
  private *samples(segment: Segment, handle: number): Generator<undefined, SampleRun> {
    const { archive, files, folder, damage } = this.options;
    if (archive.has(segment.seq)) {
      const run = archive.read(segment.seq, handle);
      yield undefined;
      return run ?? NOTHING;
    }
    // retention may have taken it since the query began
    if (!files.includes(segment)) return NOTHING;
    const walker = new FrameWalker(readBytes(joinPath(folder, segmentName(segment.seq)), segment.bytes), SEGMENT_HEAD);
    const reader = new SampleReader();
    const found = new PointSamples();
    let breath = BREATH;
    for (let record = 0; walker.next(); record++) {
      reader.open(walker.bytes, walker.start, walker.end);
      while (reader.nextOf(handle, handle)) found.add(reader, record);
      if (walker.used > breath) {
        breath = walker.used + BREATH;
        yield undefined;
      }
    }
    damage.file(segment, walker);
    return found.run();
  }
}

/** Samples with from < t <= to; a stale or bad restatement may carry a time from before its segment, given already. */
function within(run: SampleRun, { from, to, without }: SampleQuery, { seq, minT }: Segment): SampleRun {
  const { t, n } = run;
  if (without === undefined && isRising(run)) {
    const begin = Math.max(firstFrom(t, n, minT), firstBehind(t, n, from));
    return { ...slice(run, begin, Math.max(begin, firstBehind(t, n, to))), rises: true };
  }
  const wanted = (time: number): boolean =>
    time > from && time <= to && time >= minT && without?.has(seq, time) !== true;
  let kept = 0;
  for (let i = 0; i < n; i++) if (wanted(t[i]!)) kept++;
  if (kept === n) return run;
  const indices = new Uint32Array(kept);
  for (let i = 0, next = 0; i < n; i++) if (wanted(t[i]!)) indices[next++] = i;
  return pick(run, indices);
}

/** Takes what is before `t` out of the parts, in order of t and, of one t, of commit. */
function takeBefore(parts: readonly Part[], t: number): SampleRun {
  let taken = NOTHING;
  for (const part of [...parts].sort((a, b) => a.seq - b.seq)) {
    const { run } = part;
    const end = firstFrom(run.t, run.n, t);
    taken = join(taken, slice(run, 0, end));
    part.run = slice(run, end, run.n);
  }
  return parts.length > 1 ? inOrder(taken) : taken;
}

/** Index of the first of `n` rising times that is not before `t`. */
function firstFrom(times: Float64Array, n: number, t: number): number {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < t) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the first of `n` rising times that is later than `t`. */
function firstBehind(times: Float64Array, n: number, t: number): number {
  const at = firstFrom(times, n, t);
  return at < n && times[at] === t ? at + 1 : at;
}
