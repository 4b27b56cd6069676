import { CLOSE, COLON, CR, DOT, hexDigit, latin1, LF, MINUS, OPEN, STAR } from './bytes.js';
import { formatObis, type Obis } from '@smx-edge/model';

/** A line that is not an object, or an object that cannot be trusted. */
export interface BadLine {
  /** 1 is the line with the ident. */
  readonly line: number;
  readonly text: string;
  readonly reason: string;
}

/** One object as printed: code and the text of each bracket. */
export interface P1Object {
  readonly obis: string;
  readonly groups: readonly string[];
  readonly line: number;
}

const MOST_BAD_LINES = 64;
/** F of a code that prints none. */
const NO_F = 255;
const SEPARATORS = Uint8Array.of(MINUS, COLON, DOT, DOT);
const PART_BITS = 10;
const PART_MASK = (1 << PART_BITS) - 1;

/** One to three digits at `from`: value in the low ten bits, index behind them above; -1 where there are none or more. */
function readPart(bytes: Uint8Array, from: number, end: number): number {
  let value = 0;
  let i = from;
  for (; i < end; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
    if (i - from === 3) return -1;
  }
  return i === from ? -1 : (i << PART_BITS) | value;
}

/**
 * Splits the lines of a telegram into objects without making any text: codes as numbers, brackets as byte ranges.
 * Never throws; a line it cannot read is listed and the rest kept. Contents are valid until the next `scan`.
 */
export class Tokens {
  /** Objects found. */
  count = 0;
  /** Codes: A, B, C, D, E, F of object i at 6 i. */
  readonly code: Uint16Array;
  /** Brackets of object i are `firstGroup[i]` up to `firstGroup[i + 1]`. */
  readonly firstGroup: Int32Array;
  readonly groupFrom: Int32Array;
  readonly groupTo: Int32Array;
  readonly lineOf: Int32Array;
  readonly badLines: BadLine[] = [];
  /** Bad lines beyond those listed. */
  badLinesDropped = 0;
  bytes: Uint8Array = new Uint8Array(0);

  private groups = 0;
  private at = 0;
  private end = 0;
  private line = 0;
  private fault = '';

  /** `size`: the longest telegram in bytes. */
  constructor(size: number) {
    const objects = (size >> 2) + 2;
    this.code = new Uint16Array(objects * 6);
    this.firstGroup = new Int32Array(objects + 1);
    this.lineOf = new Int32Array(objects);
    this.groupFrom = new Int32Array((size >> 1) + 2);
    this.groupTo = new Int32Array((size >> 1) + 2);
  }

  /** Reads the lines behind that of the ident, whose line feed is at `from`, up to `to`. */
  scan(bytes: Uint8Array, from: number, to: number): void {
    this.bytes = bytes;
    this.count = 0;
    this.groups = 0;
    this.badLinesDropped = 0;
    if (this.badLines.length > 0) this.badLines.length = 0;
    this.at = from;
    this.end = to;
    this.line = 1;
    /** Whether a line of brackets may belong to the object before it. */
    let open = false;
    while (this.at < this.end) {
      const byte = bytes[this.at]!;
      if (byte === LF) {
        this.at++;
        this.line++;
      } else if (byte === CR) this.at++;
      else open = this.readLine(byte, open);
    }
    this.firstGroup[this.count] = this.groups;
  }

  /** The objects as text, for people and tests. */
  objects(): P1Object[] {
    const objects: P1Object[] = [];
    for (let i = 0; i < this.count; i++) {
      const groups: string[] = [];
      for (let g = this.firstGroup[i]!; g < this.firstGroup[i + 1]!; g++) groups.push(this.groupText(g));
      objects.push({ obis: formatObis(this.obis(i)), groups, line: this.lineOf[i]! });
    }
    return objects;
  }

  obis(i: number): Obis {
    const [a, b, c, d, e, f] = this.code.subarray(i * 6, i * 6 + 6);
    return { a: a!, b: b!, c: c!, d: d!, e: e!, f: f! };
  }

  groupText(group: number): string {
    return latin1(this.bytes, this.groupFrom[group]!, this.groupTo[group]!);
  }

  private readLine(first: number, open: boolean): boolean {
    const start = this.at;
    const line = this.line;
    const groups = this.groups;
    this.fault = '';
    if (first === OPEN) {
      if (open && this.readGroups()) return true;
      // the object this belongs to lost a part of itself, and half an object is none
      if (open) this.count--;
      return this.reject(start, line, {
        fault: this.fault || 'brackets without a code',
        groups: open ? this.firstGroup[this.count]! : groups,
      });
    }
    if (!this.readCode() || !this.readGroups()) return this.reject(start, line, { fault: this.fault, groups });
    const i = this.count++;
    this.firstGroup[i] = groups;
    this.lineOf[i] = line;
    return true;
  }

  /** `A-B:C.D.E`, `…*F`, and `….F` as COSEM documents write it. Leaves `at` on the first bracket. */
  private readCode(): boolean {
    const { bytes, end, code } = this;
    const at = this.count * 6;
    let i = this.at;
    let part = 0;
    this.fault = 'no OBIS code';
    for (let p = 0; p < 5; p++) {
      part = readPart(bytes, i, end);
      if (part < 0) return false;
      code[at + p] = part & PART_MASK;
      i = part >> PART_BITS;
      if (p === 4) break;
      if (bytes[i] !== SEPARATORS[p]) return false;
      if (p === 1) this.fault = 'OBIS code with too few parts';
      i++;
    }
    code[at + 5] = NO_F;
    if (i < end && (bytes[i] === STAR || bytes[i] === DOT)) {
      part = readPart(bytes, i + 1, end);
      if (part < 0) return false;
      code[at + 5] = part & PART_MASK;
      i = part >> PART_BITS;
    }
    this.fault = 'no bracket after the OBIS code';
    this.at = i;
    return i < end && bytes[i] === OPEN;
  }

  /** All brackets up to the end of the line; the end must follow the last one. */
  private readGroups(): boolean {
    const { bytes, end } = this;
    let i = this.at;
    while (i < end) {
      const byte = bytes[i]!;
      if (byte === CR || byte === LF) break;
      if (byte !== OPEN) return this.stop(i, 'text behind the last bracket');
      const from = ++i;
      for (; i < end; i++) {
        const inner = bytes[i]!;
        if (inner > CLOSE) continue;
        if (inner === CLOSE) break;
        if (inner === OPEN) return this.stop(i, 'bracket inside a bracket');
        if (inner === LF || inner === CR) {
          i = this.unwrap(from, i);
          if (i < 0) return this.stop(from, 'bracket not closed');
          break;
        }
      }
      if (i >= end) return this.stop(from, 'bracket not closed');
      this.groupFrom[this.groups] = from;
      this.groupTo[this.groups++] = i;
      i++;
    }
    this.at = i;
    return true;
  }

  /** End of an octet string that is wrapped over lines (DSMR 3.0 messages), or -1 where this is something else. */
  private unwrap(from: number, at: number): number {
    const { bytes } = this;
    for (let i = from; i < at; i++) if (hexDigit(bytes[i]!) < 0) return -1;
    let digits = 0;
    let lines = 0;
    for (let i = at; i < this.end; i++) {
      const byte = bytes[i]!;
      if (byte === CLOSE && digits > 0) {
        this.line += lines;
        return i;
      }
      if (byte === LF) {
        lines++;
        digits = 0;
      } else if (byte !== CR) {
        if (hexDigit(byte) < 0) return -1;
        digits++;
      }
    }
    return -1;
  }

  private stop(at: number, fault: string): boolean {
    this.at = at;
    this.fault = fault;
    return false;
  }

  private reject(start: number, line: number, { fault, groups }: { fault: string; groups: number }): boolean {
    this.groups = groups;
    let stop = this.at;
    while (stop < this.end && this.bytes[stop] !== LF) stop++;
    this.at = stop;
    this.line = line;
    for (let i = start; i < stop; i++) if (this.bytes[i] === LF) this.line++;
    if (this.badLines.length < MOST_BAD_LINES)
      this.badLines.push({ line, text: latin1(this.bytes, start, stop), reason: fault });
    else this.badLinesDropped++;
    return false;
  }
}
