import { fold, unfold } from '../journal/varint.js';
import { ByteReader } from '../journal/byte-reader.js';
import type { ByteWriter } from './byte-writer.js';

/**
 * Whole numbers as differences: of order 0 the numbers themselves, of order 1 their deltas, of order 2 the deltas of
 * the deltas. Each is a varint: 0 = a zero, 1 and a varint k = k + 3 zeros, else the folded difference plus 1. So a
 * constant, a counter that rises evenly and a regular clock are a few bytes whatever their length.
 */
export type Order = 0 | 1 | 2;

/** Below it differences of every order stay exact. */
export const LARGEST_INTEGER = 2 ** 49;
const SHORTEST_RUN = 3;

/** Below it bits do. */
const SMALL = 2 ** 30;
const unfoldSmall = (folded: number): number => (folded >>> 1) ^ -(folded & 1);
/** Differences by their token, where that has one byte. */
const OF_BYTE = Int8Array.from({ length: 0x80 }, (_, token) => (token === 0 ? 0 : unfoldSmall(token - 1)));

function varintSize(value: number): number {
  if (value < 2 ** 7) return 1;
  if (value < 2 ** 14) return 2;
  let size = 3;
  for (let rest = Math.floor(value / 2 ** 21); rest > 0; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Longest column whose differences have room that stays. */
const USUAL = 2 ** 13;
const roomFor = (n: number): [Float64Array, Float64Array] => [new Float64Array(n), new Float64Array(n)];
const usualRoom = roomFor(USUAL);

/** What each of `values` has more than the one before it, the first more than 0. */
function differences(values: Float64Array, into: Float64Array): Float64Array {
  const n = values.length;
  let last = 0;
  for (let i = 0; i < n; i++) {
    const value = values[i]!;
    into[i] = value - last;
    last = value;
  }
  return into.subarray(0, n);
}

/** Bytes that `writeRuns` would take; more than `most` once they are. */
function runsSize(values: Float64Array, most: number): number {
  const n = values.length;
  let size = 0;
  for (let i = 0; i < n && size <= most;) {
    if (values[i] !== 0) {
      size += varintSize(fold(values[i++]!) + 1);
      continue;
    }
    const begin = i;
    while (i < n && values[i] === 0) i++;
    const run = i - begin;
    size += run < SHORTEST_RUN ? run : 1 + varintSize(run - SHORTEST_RUN);
  }
  return size;
}

function writeRuns(values: Float64Array, into: ByteWriter): void {
  const n = values.length;
  for (let i = 0; i < n;) {
    if (values[i] !== 0) {
      into.varint(fold(values[i++]!) + 1);
      continue;
    }
    const begin = i;
    while (i < n && values[i] === 0) i++;
    const run = i - begin;
    if (run < SHORTEST_RUN) for (let k = 0; k < run; k++) into.byte(0);
    else {
      into.byte(1);
      into.varint(run - SHORTEST_RUN);
    }
  }
}

/** Writes integers of less than `LARGEST_INTEGER` either way and gives the order they took fewest bytes in. */
export function writeIntegers(values: Float64Array, into: ByteWriter): Order {
  const room = values.length <= USUAL ? usualRoom : roomFor(values.length);
  const first = differences(values, room[0]);
  const second = differences(first, room[1]);
  let best: Order = 1;
  let least = runsSize(first, Infinity);
  for (const [order, ofOrder] of [
    [0, values],
    [2, second],
  ] as const) {
    const size = runsSize(ofOrder, least);
    if (size < least) [best, least] = [order, size];
  }
  writeRuns([values, first, second][best]!, into);
  return best;
}

/** Fills the first `n` places of `into` with the integers that stand in `bytes`. */
export function readIntegers(bytes: Buffer, { order, n }: { order: Order; n: number }, into: Float64Array): void {
  const reader = new ByteReader(bytes);
  let last = 0;
  let delta = 0;
  let at = 0;
  for (let i = 0; i < n;) {
    let token = bytes[at++]!;
    // walks and counters are nearly nothing else; nothing is read behind the end, which would slow all reads down
    if (order === 1)
      for (; token < 0x80 && token !== 1; token = bytes[at++]!) {
        into[i++] = last += OF_BYTE[token]!;
        if (i === n) return;
      }
    if (token >= 0x80) {
      const next = bytes[at++]!;
      // nearly all differences have one byte or two
      if (next < 0x80) token += (next - 1) * 0x80;
      else {
        reader.offset = at - 2;
        token = reader.varint();
        at = reader.offset;
      }
    }
    if (token === 1) {
      reader.offset = at;
      const end = Math.min(n, i + reader.varint() + SHORTEST_RUN);
      at = reader.offset;
      if (order === 0) {
        into.fill(0, i, end);
        i = end;
      } else if (order === 1 || delta === 0) {
        into.fill(last, i, end);
        i = end;
      } else for (; i < end; i++) into[i] = last += delta;
      continue;
    }
    const difference = token === 0 ? 0 : token < SMALL ? unfoldSmall(token - 1) : unfold(token - 1);
    if (order === 0) into[i++] = difference;
    else if (order === 1) into[i++] = last += difference;
    else into[i++] = last += delta += difference;
  }
}

/** The integer that stands in all `n` places of a column of order 1, told without walking it; undefined where they differ. */
export function constantInteger(bytes: Buffer, n: number): number | undefined {
  if (n < 2) return undefined;
  const reader = new ByteReader(bytes);
  let value = 0;
  let known = 0;
  let token = reader.varint();
  if (token > 1) {
    value = unfold(token - 1);
    known = 1;
    token = reader.varint();
  }
  return token === 1 && known + reader.varint() + SHORTEST_RUN === n ? value : undefined;
}
