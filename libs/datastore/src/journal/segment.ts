import { closeSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { FrameWalker } from './frame.js';
import { SampleReader } from './sample-reader.js';

/**
 * Head of a segment file: `SMXJ`, version (u16), length of the head (u16), epoch (double), time of creation (double),
 * all little endian. Another epoch has other handles, so its segments are never read under this one.
 */
export const SEGMENT_HEAD = 24;
const MAGIC = 'SMXJ';
const VERSION = 1;
const EPOCH_AT = 8;

/** What the index knows of a segment. Times in ms UTC; source times leave out stale and bad restatements. */
export interface Segment {
  readonly seq: number;
  /** Bytes that count; behind them is unused space or nothing. */
  bytes: number;
  samples: number;
  minT: number;
  maxT: number;
  minReceived: number;
  maxReceived: number;
}

export interface SampleRange {
  readonly samples: number;
  readonly minT: number;
  readonly maxT: number;
  readonly minReceived: number;
  readonly maxReceived: number;
}

export const newSegment = (seq: number): Segment => ({
  seq,
  bytes: SEGMENT_HEAD,
  samples: 0,
  minT: Infinity,
  maxT: -Infinity,
  minReceived: Infinity,
  maxReceived: -Infinity,
});

export function widen(segment: Segment, range: SampleRange): void {
  segment.samples += range.samples;
  segment.minT = Math.min(segment.minT, range.minT);
  segment.maxT = Math.max(segment.maxT, range.maxT);
  segment.minReceived = Math.min(segment.minReceived, range.minReceived);
  segment.maxReceived = Math.max(segment.maxReceived, range.maxReceived);
}

export const segmentName = (seq: number): string => `${String(seq).padStart(10, '0')}.seg`;

/** Sequence number of a segment's file name, undefined for any other name. */
export function segmentSeq(name: string): number | undefined {
  const match = /^(\d{10})\.seg$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

export function segmentHead(epoch: number, now: number): Buffer {
  const head = Buffer.alloc(SEGMENT_HEAD);
  head.write(MAGIC, 'latin1');
  head.writeUInt16LE(VERSION, 4);
  head.writeUInt16LE(SEGMENT_HEAD, 6);
  head.writeDoubleLE(epoch, EPOCH_AT);
  head.writeDoubleLE(now, 16);
  return head;
}

/** Has a segment count for another epoch. */
export function writeEpoch(path: string, epoch: number): void {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(epoch);
  const file = openSync(path, 'r+');
  try {
    writeSync(file, bytes, 0, 8, EPOCH_AT);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Epoch of a segment, undefined where the head is none. */
function segmentEpoch(bytes: Buffer): number | undefined {
  if (bytes.length < SEGMENT_HEAD || bytes.toString('latin1', 0, 4) !== MAGIC) return undefined;
  if (bytes.readUInt16LE(4) !== VERSION || bytes.readUInt16LE(6) !== SEGMENT_HEAD) return undefined;
  return bytes.readDoubleLE(EPOCH_AT);
}

export interface Inspected {
  readonly segment: Segment;
  readonly damaged: readonly (readonly [from: number, to: number])[];
}

/**
 * Reads a segment that was not sealed: takes its index from its samples and cuts the file behind the last sound frame.
 * Undefined where it has no head of this `epoch`; a file that was never written to counts as an empty segment.
 * I/O errors are thrown as they come.
 */
export function inspectSegment(path: string, seq: number, epoch: number): Inspected | undefined {
  const bytes = readFileSync(path);
  const segment = newSegment(seq);
  if (bytes.every((byte) => byte === 0)) return { segment, damaged: [] };
  if (segmentEpoch(bytes) !== epoch) return undefined;
  const walker = new FrameWalker(bytes, SEGMENT_HEAD);
  const reader = new SampleReader();
  while (walker.next()) {
    reader.open(bytes, walker.start, walker.end);
    while (reader.next()) widen(segment, sampleRange(reader));
  }
  segment.bytes = walker.used;
  if (walker.used < bytes.length) truncateSync(path, walker.used);
  return { segment, damaged: walker.damaged };
}

function sampleRange({ t, received, quality }: SampleReader): SampleRange {
  const restated = quality === 2 || quality === 3;
  const own = { samples: 1, minReceived: received, maxReceived: received };
  return restated ? { ...own, minT: Infinity, maxT: -Infinity } : { ...own, minT: t, maxT: t };
}
