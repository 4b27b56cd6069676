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

const varintSize = (value: number): number => {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
};

/** Hands each token of `values` to `token`: a run of zeros by its length, else one difference. */
function walk(values: Float64Array, order: Order, token: (difference: number, run: number) => void): void {
  let last = 0;
  let delta = 0;
  let run = 0;
  for (const value of values) {
    let difference = value;
    if (order > 0) {
      difference = value - last;
      last = value;
      if (order > 1) {
        const next = difference;
        difference -= delta;
        delta = next;
      }
    }
    if (difference === 0) run++;
    else {
      if (run > 0) token(0, run);
      run = 0;
      token(difference, 0);
    }
  }
  if (run > 0) token(0, run);
}

/** Bytes that `writeIntegers` would take. */
export function integersSize(values: Float64Array, order: Order): number {
  let size = 0;
  walk(values, order, (difference, run) => {
    if (difference !== 0) size += varintSize(fold(difference) + 1);
    else size += run < SHORTEST_RUN ? run : 1 + varintSize(run - SHORTEST_RUN);
  });
  return size;
}

/** Writes integers of less than `LARGEST_INTEGER` either way. */
export function writeIntegers(values: Float64Array, order: Order, into: ByteWriter): void {
  walk(values, order, (difference, run) => {
    if (difference !== 0) into.varint(fold(difference) + 1);
    else if (run < SHORTEST_RUN) for (let i = 0; i < run; i++) into.byte(0);
    else {
      into.byte(1);
      into.varint(run - SHORTEST_RUN);
    }
  });
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
