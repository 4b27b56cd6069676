import { crc32 } from 'node:zlib';
import { ByteWriter } from '../chunk/byte-writer.js';
import { readColumn, skipColumn, writeColumn } from '../chunk/column.js';
import { ByteReader } from '../journal/byte-reader.js';
import type { KeptWindow } from './kept-window.js';
import { DAY, QUARTER, type Resolution } from './resolution.js';

const FLAGS = ['uncertain', 'substituted', 'fell', 'steady', 'whole'] as const;
const NUMBERS = ['count', 'sum', 'min', 'max', 'first', 'last'] as const;
/** Columns in the order they stand in: end counts in windows of the span, `lastT` back from the end. */
const COLUMNS = ['end', 'flags', 'spacing', ...NUMBERS, 'lastT'] as const;
type Column = (typeof COLUMNS)[number];

/** Place of a row: the windows of one point in one span. */
interface SpanKey {
  readonly of: Resolution;
  readonly handle: number;
  readonly span: number;
}

function spanCrc(bytes: Uint8Array, { of, handle, span }: SpanKey): number {
  const key = Buffer.allocUnsafe(8);
  key.writeUInt32LE(handle, 0);
  key.writeInt32LE(span, 4);
  return crc32(bytes, crc32(key, of.salt));
}

/** A sum of decimals as the decimal that it is, where it is one of up to six places but for the last bits of a double. */
function tidied(sum: number): number {
  const decimal = Math.round(sum * 1e6) / 1e6;
  return Math.abs(decimal - sum) <= Math.abs(sum) * 2 ** -44 ? decimal : sum;
}

/** Windows of one point and span as bytes: CRC-32 over handle, span and rest (u32, little endian), varint n, the columns. */
export function encodeSpan(key: SpanKey, windows: readonly KeptWindow[]): Buffer {
  const { every, span } = key.of;
  const cell = (window: KeptWindow, column: Column): number => {
    if (column === 'end') return (window.end - key.span * span) / every;
    if (column === 'flags') return FLAGS.reduce((bits, flag, i) => bits | (window[flag] ? 1 << i : 0), 0);
    if (column === 'sum' && key.of.tidy) return tidied(window.sum);
    return column === 'lastT' ? window.end - window.lastT : window[column];
  };
  const writer = new ByteWriter();
  writer.varint(windows.length);
  for (const column of COLUMNS)
    writeColumn(
      Float64Array.from(windows, (window) => cell(window, column)),
      writer,
      // years of rows are read at once, and inflating each would take most of the time
      { deflate: false },
    );
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(spanCrc(writer.taken(), key));
  return Buffer.concat([crc, writer.taken()]);
}

/** Windows of the longest span. */
const MOST = DAY / QUARTER;

/**
 * The windows of one point and span after the other; the fields tell of the one moved to. Columns are read when first
 * asked for, always into the same places.
 */
export class SpanReader implements KeptWindow {
  n = 0;
  span = 0;
  private i = 0;
  private readonly starts: number[] = [];
  private readonly isRead: boolean[] = [];
  private readonly columns = COLUMNS.map(() => new Float64Array(MOST));
  private reader = new ByteReader(Buffer.alloc(0));

  constructor(readonly of: Resolution) {}

  /** A reader of its own; undefined where the bytes are damaged or belong elsewhere. */
  static read(bytes: Buffer, key: SpanKey): SpanReader | undefined {
    const reader = new SpanReader(key.of);
    return reader.open(bytes, key) ? reader : undefined;
  }

  /** Begins with another span; false where its bytes are damaged or belong elsewhere. */
  open(bytes: Buffer, { handle, span }: Omit<SpanKey, 'of'>): boolean {
    const { of } = this;
    if (bytes.length < 4 || bytes.readUInt32LE(0) !== spanCrc(bytes.subarray(4), { of, handle, span })) return false;
    this.reader = new ByteReader(bytes);
    this.reader.offset = 4;
    this.span = span;
    this.n = this.reader.varint();
    for (let at = 0; at < COLUMNS.length; at++) {
      this.starts[at] = this.reader.offset;
      this.isRead[at] = false;
      skipColumn(this.reader);
    }
    return true;
  }

  /** Makes the fields those of window `i`. */
  moveTo(i: number): this {
    this.i = i;
    return this;
  }

  /** Start of the span, ms UTC. */
  get start(): number {
    return this.span * this.of.span;
  }

  get end(): number {
    return this.start + this.cell(0) * this.of.every;
  }

  get uncertain(): boolean {
    return (this.cell(1) & 1) !== 0;
  }

  get substituted(): boolean {
    return (this.cell(1) & 2) !== 0;
  }

  get fell(): boolean {
    return (this.cell(1) & 4) !== 0;
  }

  get steady(): boolean {
    return (this.cell(1) & 8) !== 0;
  }

  get whole(): boolean {
    return (this.cell(1) & 16) !== 0;
  }

  get spacing(): number {
    return this.cell(2);
  }

  get count(): number {
    return this.cell(3);
  }

  get sum(): number {
    return this.cell(4);
  }

  get min(): number {
    return this.cell(5);
  }

  get max(): number {
    return this.cell(6);
  }

  get first(): number {
    return this.cell(7);
  }

  get last(): number {
    return this.cell(8);
  }

  get lastT(): number {
    return this.end - this.cell(9);
  }

  /** Ends in windows of the span, flags (bit 0 uncertain, bit 1 substituted), or another column of all windows; valid until the next span. */
  column(name: Column): Float64Array {
    return this.read(COLUMNS.indexOf(name));
  }

  all(): KeptWindow[] {
    return Array.from({ length: this.n }, (_, i) => {
      const { end, count, sum, min, max, first, last, lastT, spacing } = this.moveTo(i);
      const { uncertain, substituted, fell, steady, whole } = this;
      return {
        ...{ end, count, sum, min, max, first, last, lastT, spacing },
        ...{ uncertain, substituted, fell, steady, whole },
      };
    });
  }

  private cell(column: number): number {
    return this.read(column)[this.i]!;
  }

  private read(column: number): Float64Array {
    const cells = this.columns[column]!;
    if (this.isRead[column] !== true) {
      this.reader.offset = this.starts[column]!;
      readColumn(this.reader, this.n, cells);
      this.isRead[column] = true;
    }
    return cells;
  }
}
