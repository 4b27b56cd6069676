import { SampleBatch } from '@smx-edge/model';
import type { SealedSegment } from '../database/segment-table.js';
import { FRAME_HEAD, sealFrame } from '../journal/frame.js';
import { markFrame } from '../journal/mark.js';
import { SampleEncoder } from '../journal/sample-encoder.js';
import type { Archive } from './archive.js';
import type { ChunkRead } from './chunk.js';

/** Samples of one point on their way back into records. */
interface Cursor {
  readonly handle: number;
  readonly run: ChunkRead['run'];
  readonly places: ReturnType<ChunkRead['places']>;
  next: number;
}

/** One sample of a record. */
interface Member {
  readonly cursor: Cursor;
  readonly at: number;
}

export interface Rebuilt {
  readonly bytes: Buffer;
  /** Offsets of what was erased: zeros that are no damage, in order. */
  readonly erased: readonly (readonly [from: number, to: number])[];
}

/**
 * A sealed segment as its file was: the same frames at the same offsets, without the head of the file; what was damaged
 * when it was sealed, or erased since, is zeros. So whoever reads records by their place reads sealed ones too. Undefined
 * where a chunk is damaged, since then no record can be known to be whole.
 */
export function rebuildSegment(archive: Archive, { seq, bytes: size, samples }: SealedSegment): Rebuilt | undefined {
  const table = archive.blocks(seq);
  const cursors = archive.handles(seq).map((handle) => cursorOf(archive, seq, handle));
  if (table === undefined || !cursors.every((cursor) => cursor !== undefined)) return undefined;
  if (cursors.reduce((sum, { run }) => sum + run.n, 0) !== samples) return undefined;
  const bytes = Buffer.alloc(size);
  const erased: [number, number][] = [];
  const encoder = new SampleEncoder();
  const batch = new SampleBatch();
  for (let i = 0; i < table.records; i++) {
    const { at, end, received, blocks } = table.record(i);
    const members = blocks === 0 ? [] : membersOf(cursors, i);
    for (let from = 0, to = 0; from < members.length; from = to) {
      const block = blockOf(members[from]!);
      batch.clear(table.received(i, block));
      for (; to < members.length && blockOf(members[to]!) === block; to++) put(batch, members[to]!);
      encoder.add(batch);
    }
    // what was erased leaves a hole, not a record without samples
    if (blocks > 0 && members.length === 0) {
      erased.push([at, end]);
      continue;
    }
    const record = encoder.take() ?? markFrame(received, { size: end - at });
    sealFrame(record, record.length - FRAME_HEAD);
    record.copy(bytes, at);
    if (at + record.length < end) erased.push([at + record.length, end]);
  }
  return { bytes, erased };
}

function cursorOf(archive: Archive, segment: number, handle: number): Cursor | undefined {
  const chunk = archive.chunk({ segment, handle });
  return chunk === undefined ? undefined : { handle, run: chunk.run, places: chunk.places(), next: 0 };
}

const blockOf = ({ cursor, at }: Member): number => cursor.places.block[at]!;

/** Samples of record `record` in the order they were committed in. */
function membersOf(cursors: readonly Cursor[], record: number): Member[] {
  const members: Member[] = [];
  for (const cursor of cursors)
    while (cursor.next < cursor.run.n && cursor.places.record[cursor.next] === record)
      members.push({ cursor, at: cursor.next++ });
  const indexOf = ({ cursor, at }: Member): number => cursor.places.index[at]!;
  return members.sort((a, b) => blockOf(a) - blockOf(b) || indexOf(a) - indexOf(b));
}

function put(batch: SampleBatch, { cursor: { handle, run }, at }: Member): void {
  const i = batch.add(handle);
  batch.t[i] = run.t[at]!;
  batch.quality[i] = run.quality[at]!;
  batch.number[i] = run.number[at]!;
  const other = run.other?.[at];
  if (other !== undefined) batch.other.set(i, other);
}
