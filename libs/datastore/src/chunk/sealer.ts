import { join } from 'node:path';
import type { DamageNotes } from '../journal/damage-notes.js';
import { FRAME_HEAD, FrameWalker } from '../journal/frame.js';
import type { Journal } from '../journal/journal.js';
import { SampleReader } from '../journal/sample-reader.js';
import { readBytes } from '../journal/segment-bytes.js';
import { SEGMENT_HEAD, segmentName, type Segment } from '../journal/segment.js';
import type { Archive } from './archive.js';
import { BlockTableBuilder } from './block-table.js';
import { encodeChunk } from './chunk.js';
import { encodeCounts } from './point-counts.js';
import { PointSamples } from './point-samples.js';

/** Samples in memory at a time, and so in one commit; a point with more is alone. */
const GROUP = 2 ** 16;
/** Bytes of a segment file walked between two breaths. */
const BREATH = 64 * 1024;

export interface SealerOptions {
  /** Where the segment files are. */
  readonly folder: string;
  readonly journal: Journal;
  readonly archive: Archive;
  readonly damage: DamageNotes;
}

/**
 * Turns closed segment files into chunks. The chunks of a segment are written group by group and count for nothing until
 * one transaction makes the segment a sealed one; then its file goes. Killed before it the file still counts, killed
 * behind it the next start finds the file of a sealed segment and removes it.
 */
export class Sealer {
  constructor(private readonly options: SealerOptions) {}

  /** Seals one segment, the oldest, with breaths in between. Throws what database and file system throw; then nothing has changed. */
  *seal(segment: Segment): Generator<undefined, void> {
    const { folder, archive, journal, damage } = this.options;
    const bytes = readBytes(join(folder, segmentName(segment.seq)), segment.bytes);
    const { counts, blocks, walker, payloads } = yield* survey(bytes);
    let size = 0;
    for (const group of groups(counts)) {
      const samples = yield* collect(bytes, payloads, group);
      const chunks: { handle: number; data: Buffer }[] = [];
      for (const [handle, own] of samples) {
        chunks.push({ handle, data: encodeChunk({ handle, segment: segment.seq }, own) });
        yield undefined;
      }
      archive.db.transaction(() => {
        for (const { handle, data } of chunks) archive.chunks.put({ segment: segment.seq, handle }, data);
      })();
      size += chunks.reduce((sum, { data }) => sum + data.length, 0);
      yield undefined;
    }
    const table = blocks.bytes(segment.seq);
    damage.file(segment, walker);
    // what was dropped while this went on must not come back
    if (!journal.segments.includes(segment)) {
      archive.chunks.removeOf(segment.seq);
      return;
    }
    // what a damaged file has lost is told as a gap and counts no more
    const samples = [...counts.values()].reduce((sum, n) => sum + n, 0);
    archive.seal({ ...segment, samples, size: size + table.length }, { blocks: table, points: encodeCounts(counts) });
    journal.release(segment);
  }
}

interface Survey {
  /** Samples by point. */
  readonly counts: ReadonlyMap<number, number>;
  readonly blocks: BlockTableBuilder;
  readonly walker: FrameWalker;
  /** Where the payloads of its records are; their CRCs were right. */
  readonly payloads: readonly Payload[];
}

type Payload = readonly [start: number, end: number];

function* survey(bytes: Buffer): Generator<undefined, Survey> {
  const counts = new Map<number, number>();
  const blocks = new BlockTableBuilder();
  const walker = new FrameWalker(bytes, SEGMENT_HEAD);
  const payloads: Payload[] = [];
  const reader = new SampleReader();
  let breath = BREATH;
  while (walker.next()) {
    payloads.push([walker.start, walker.end]);
    reader.open(bytes, walker.start, walker.end);
    blocks.record({ at: walker.start - FRAME_HEAD, end: walker.end, received: reader.received });
    let block = -1;
    while (reader.next()) {
      if (reader.block !== block) {
        ({ block } = reader);
        blocks.block(reader.received);
      }
      counts.set(reader.handle, (counts.get(reader.handle) ?? 0) + 1);
    }
    if (walker.used > breath) {
      breath = walker.used + BREATH;
      yield undefined;
    }
  }
  return { counts, blocks, walker, payloads };
}

/** Points whose samples are held at a time, with how many they are. */
function* groups(counts: ReadonlyMap<number, number>): Generator<Map<number, number>> {
  let group = new Map<number, number>();
  let samples = 0;
  for (const [handle, n] of [...counts].sort(([a], [b]) => a - b)) {
    if (samples > 0 && samples + n > GROUP) {
      yield group;
      group = new Map();
      samples = 0;
    }
    group.set(handle, n);
    samples += n;
  }
  if (samples > 0) yield group;
}

function* collect(
  bytes: Buffer,
  payloads: readonly Payload[],
  group: ReadonlyMap<number, number>,
): Generator<undefined, Map<number, PointSamples>> {
  const samples = new Map([...group].map(([handle, n]) => [handle, new PointSamples(n)]));
  // groups are made in order of handle
  const [first, last] = [Math.min(...group.keys()), Math.max(...group.keys())];
  const reader = new SampleReader();
  let breath = BREATH;
  for (const [record, [start, end]] of payloads.entries()) {
    reader.open(bytes, start, end);
    while (reader.nextOf(first, last)) samples.get(reader.handle)?.add(reader, record);
    if (end > breath) {
      breath = end + BREATH;
      yield undefined;
    }
  }
  return samples;
}
