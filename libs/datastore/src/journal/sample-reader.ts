import { ByteReader } from './byte-reader.js';
import {
  DIVISOR,
  KIND_DOUBLE,
  KIND_LIST,
  KIND_NULL,
  KIND_SHIFT,
  KIND_TEXT,
  OWN_TIME,
  QUALITY_MASK,
} from './sample-kinds.js';
import { isMark } from './mark.js';
import { unfold } from './varint.js';

const NOTHING = Buffer.alloc(0);

/**
 * Walks the samples of a record's payload without making anything per sample: `next` moves, the fields tell, and only
 * `value` builds what it returns. The payload has passed its CRC, so its structure is that of the encoder.
 */
export class SampleReader extends ByteReader {
  handle = 0;
  /** Source time, ms UTC. */
  t = 0;
  /** Receive time, ms UTC. */
  received = 0;
  quality = 0;
  /** Number of its block in the record, and of the sample in its block, from 0. */
  block = -1;
  index = -1;
  private kind = KIND_NULL;
  private end = 0;
  private left = 0;
  private valueAt = 0;

  constructor() {
    super(NOTHING);
  }

  /** Begins with the payload at `start` … `end` of `bytes`. */
  open(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.received = bytes.readDoubleLE(start);
    this.offset = start + 8;
    this.end = isMark(bytes, start, end) ? this.offset : end;
    this.left = 0;
    this.block = -1;
  }

  /** Moves to the next sample; false at the end. */
  next(): boolean {
    // also the guard against a count that the bytes do not bear out
    if (this.offset >= this.end) return false;
    while (this.left === 0) {
      if (this.offset >= this.end) return false;
      this.left = this.varint();
      this.received += unfold(this.varint());
      this.block++;
      this.index = -1;
    }
    this.left--;
    this.index++;
    this.handle = this.varint();
    const tag = this.bytes[this.offset++]!;
    this.quality = tag & QUALITY_MASK;
    this.kind = (tag >> KIND_SHIFT) & 7;
    this.t = (tag & OWN_TIME) === 0 ? this.received : this.received - unfold(this.varint());
    this.valueAt = this.offset;
    this.skip();
    return true;
  }

  /** Value of the sample: numbers, times and booleans (0, 1) as number. */
  value(): number | string | readonly number[] | null {
    const { kind, bytes, offset } = this;
    this.offset = this.valueAt;
    try {
      if (kind === KIND_NULL) return null;
      if (kind === KIND_DOUBLE) return bytes.readDoubleLE(this.valueAt);
      if (kind === KIND_TEXT) {
        const length = this.varint();
        return bytes.toString('utf8', this.offset, this.offset + length);
      }
      if (kind === KIND_LIST) {
        const length = this.varint();
        return Array.from({ length }, (_, i) => bytes.readDoubleLE(this.offset + i * 8));
      }
      return unfold(this.varint()) / DIVISOR[kind]!;
    } finally {
      this.offset = offset;
    }
  }

  private skip(): void {
    const { kind } = this;
    if (kind === KIND_NULL) return;
    if (kind === KIND_DOUBLE) this.offset += 8;
    else if (kind === KIND_TEXT || kind === KIND_LIST) {
      const length = this.varint();
      this.offset += kind === KIND_TEXT ? length : 8 * length;
    } else while (this.bytes[this.offset++]! >= 0x80);
  }
}
