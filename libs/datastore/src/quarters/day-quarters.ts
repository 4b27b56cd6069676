import { crc32 } from 'node:zlib';
import type { WindowPart } from '@smx-edge/model';
import { ByteWriter } from '../chunk/byte-writer.js';
import { readColumn, skipColumn, writeColumn } from '../chunk/column.js';
import { ByteReader } from '../journal/byte-reader.js';

/** Length of the windows that outlive the samples, ms. */
export const QUARTER = 15 * 60_000;
export const DAY = 86_400_000;

/** Number of the UTC day whose windows hold `t`: a window that ends at midnight belongs to the day before. */
export const dayOf = (t: number): number => Math.ceil(t / DAY) - 1;

/** A 15-minute window of one point that has samples; times in ms UTC. */
export interface Quarter extends WindowPart {
  readonly end: number;
  /** Typical spacing of the samples at its end, ms; 0 = none known. */
  readonly spacing: number;
  /** Whether that spacing is of the last two hours alone, whatever came before. */
  readonly steady: boolean;
  /** Whether the sum is of whole numbers, so that sums of sums stay exact. */
  readonly whole: boolean;
}

const FLAGS = ['uncertain', 'substituted', 'fell', 'steady', 'whole'] as const;
const NUMBERS = ['count', 'sum', 'min', 'max', 'first', 'last'] as const;
/** Columns in the order they stand in: end counts in windows of the day, `lastT` back from the end. */
const COLUMNS = ['end', 'flags', 'spacing', ...NUMBERS, 'lastT'] as const;
type Column = (typeof COLUMNS)[number];

interface DayKey {
  readonly handle: number;
  readonly day: number;
}

function dayCrc(bytes: Uint8Array, { handle, day }: DayKey): number {
  const key = Buffer.allocUnsafe(8);
  key.writeUInt32LE(handle, 0);
  key.writeInt32LE(day, 4);
  return crc32(bytes, crc32(key));
}

/** Windows of one point and day as bytes: CRC-32 over handle, day and rest (u32, little endian), varint n, the columns. */
export function encodeDay(key: DayKey, quarters: readonly Quarter[]): Buffer {
  const cell = (quarter: Quarter, column: Column): number => {
    if (column === 'end') return (quarter.end - key.day * DAY) / QUARTER;
    if (column === 'flags') return FLAGS.reduce((bits, flag, i) => bits | (quarter[flag] ? 1 << i : 0), 0);
    return column === 'lastT' ? quarter.end - quarter.lastT : quarter[column];
  };
  const writer = new ByteWriter();
  writer.varint(quarters.length);
  for (const column of COLUMNS)
    writeColumn(
      Float64Array.from(quarters, (quarter) => cell(quarter, column)),
      writer,
      // years of days are read at once, and inflating each would take most of the time
      { deflate: false },
    );
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(dayCrc(writer.taken(), key));
  return Buffer.concat([crc, writer.taken()]);
}

const MOST = DAY / QUARTER;

/**
 * The windows of one point and day after the other; the fields tell of the one moved to. Columns are read when first
 * asked for, always into the same places.
 */
export class DayQuarters implements Quarter {
  n = 0;
  day = 0;
  private i = 0;
  private readonly starts: number[] = [];
  private readonly isRead: boolean[] = [];
  private readonly columns = COLUMNS.map(() => new Float64Array(MOST));
  private reader = new ByteReader(Buffer.alloc(0));

  /** A reader of its own; undefined where the bytes are damaged or belong elsewhere. */
  static read(bytes: Buffer, key: DayKey): DayQuarters | undefined {
    const day = new DayQuarters();
    return day.open(bytes, key) ? day : undefined;
  }

  /** Begins with another day; false where its bytes are damaged or belong elsewhere. */
  open(bytes: Buffer, key: DayKey): boolean {
    if (bytes.length < 4 || bytes.readUInt32LE(0) !== dayCrc(bytes.subarray(4), key)) return false;
    this.reader = new ByteReader(bytes);
    this.reader.offset = 4;
    this.day = key.day;
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

  get end(): number {
    return this.day * DAY + this.cell(0) * QUARTER;
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

  /** Ends in windows of the day, flags (bit 0 uncertain, bit 1 substituted), or another column of all windows; valid until the next day. */
  column(name: Column): Float64Array {
    return this.read(COLUMNS.indexOf(name));
  }

  all(): Quarter[] {
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
