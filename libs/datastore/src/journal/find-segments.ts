import { mkdirSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setAside } from './aside.js';
import { receivedIn, type Gap } from './gap.js';
import { positionOffset, positionSegment } from './position.js';
import { syncFile } from './segment-file.js';
import { inspectSegment, segmentName, segmentSeq, type Inspected, type Segment } from './segment.js';

/** Where the journal keeps what it knows of its closed segments. */
interface SegmentIndex {
  files(): readonly Segment[];
  lastSeq(): number;
  /** Whether the segment is sealed: what is left of its file does not count. */
  isSealed(seq: number): boolean;
  /** Throws where it cannot be kept; the segment is then read again at the next start. */
  put(segment: Segment): void;
  remove(seq: number): void;
}

export interface JournalOptions {
  readonly folder: string;
  readonly epoch: number;
  readonly index: SegmentIndex;
  /** Where what another journal left ended (see `JournalRest`). */
  readonly cut?: number;
  readonly onGap: (gap: Gap) => void;
}

/** The closed segments of a folder by sequence, and the sequence of the one to come. */
interface FoundSegments {
  readonly segments: readonly Segment[];
  readonly next: number;
}

/** Finds the segments, repairs what a crash left, sets those of another epoch aside. */
export function findSegments(o: JournalOptions): FoundSegments {
  const { folder, index, epoch, onGap, cut } = o;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const known = new Map(index.files().map((segment) => [segment.seq, segment]));
  if (cut !== undefined) cutBack(cut, o, known);
  let next = index.lastSeq() + 1;
  const segments: Segment[] = [];
  const foreign: string[] = [];
  for (const name of readdirSync(folder).sort()) {
    const seq = segmentSeq(name);
    if (seq === undefined) continue;
    next = Math.max(next, seq + 1);
    const path = join(folder, name);
    if (index.isSealed(seq)) {
      rmSync(path);
      continue;
    }
    const segment = known.get(seq);
    known.delete(seq);
    if (segment !== undefined && statSync(path).size >= segment.bytes) {
      segments.push(segment);
      continue;
    }
    const found = inspectSegment(path, seq, epoch);
    if (found === undefined) foreign.push(name);
    else if (adopt(found, o, segment)) segments.push(found.segment);
  }
  for (const [seq, segment] of known) {
    index.remove(seq);
    onGap({ why: 'damaged', segment: seq, bytes: segment.bytes, samples: segment.samples, ...receivedIn(segment) });
  }
  if (foreign.length > 0) onGap({ why: 'epoch', bytes: setAside(folder, foreign, epoch) });
  return { segments, next };
}

/**
 * Takes a segment in that was not closed or lost bytes since; `known` is what the index had of it while it was whole.
 * False where no sample is left of it.
 */
function adopt({ segment, damaged }: Inspected, { folder, index, onGap }: JournalOptions, known?: Segment): boolean {
  const { seq, samples } = segment;
  const extent = receivedIn(known ?? segment);
  const missing = (known?.samples ?? 0) - samples;
  for (const [from, to] of damaged)
    onGap({ why: from === segment.bytes ? 'torn' : 'damaged', segment: seq, bytes: to - from, ...extent });
  if (missing > 0) onGap({ why: 'damaged', segment: seq, samples: missing, ...extent });
  const path = join(folder, segmentName(seq));
  if (samples === 0) {
    rmSync(path);
    index.remove(seq);
    return false;
  }
  // batches cut from it may be sent: a power cut must not take it back
  syncFile(path);
  index.put(segment);
  return true;
}

/** Takes away what comes again: it was written by the journal before this one and not known to be on disk. */
function cutBack(cut: number, { folder, index }: JournalOptions, known: ReadonlyMap<number, Segment>): void {
  for (const name of readdirSync(folder)) {
    const seq = segmentSeq(name);
    if (seq === undefined || seq < positionSegment(cut) || known.has(seq) || index.isSealed(seq)) continue;
    const path = join(folder, name);
    if (seq > positionSegment(cut)) rmSync(path);
    else if (statSync(path).size > positionOffset(cut)) truncateSync(path, positionOffset(cut));
  }
}
