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
    while (this.left === 0 && this.offset < this.end) this.openBlock();
    if (this.offset >= this.end) return false;
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

  /** Moves to the next sample of a point with `first` <= handle <= `last`; steps over others faster than `next`. False at the end. */
  nextOf(first: number, last: number): boolean {
    const { bytes, end } = this;
    for (;;) {
      while (this.left === 0 && this.offset < end) this.openBlock();
      let at = this.offset;
      let left = this.left;
      for (; left > 0 && at < end; left--) {
        let behind = at + 1;
        let handle = bytes[at]!;
        if (handle >= 0x80) {
          this.offset = at;
          handle = this.varint();
          behind = this.offset;
        }
        if (handle >= first && handle <= last) break;
        at = this.behindSample(behind);
      }
      this.index += this.left - left;
      this.left = left;
      this.offset = at;
      if (left > 0 || at >= end) return this.next();
    }
  }

  /** Where the sample ends whose tag stands at `at`. */
  private behindSample(at: number): number {
    const { bytes } = this;
    const tag = bytes[at++]!;
    if ((tag & OWN_TIME) !== 0) while (bytes[at++]! >= 0x80);
    const kind = (tag >> KIND_SHIFT) & 7;
    if (kind === KIND_NULL) return at;
    if (kind === KIND_DOUBLE) return at + 8;
    if (kind === KIND_TEXT || kind === KIND_LIST) {
      this.offset = at;
      const length = this.varint();
      return this.offset + (kind === KIND_TEXT ? length : 8 * length);
    }
    while (bytes[at++]! >= 0x80);
    return at;
  }

  private openBlock(): void {
    this.left = this.varint();
    this.received += unfold(this.varint());
    this.block++;
    this.index = -1;
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
    } else this.pass();
  }

  /** Steps over a varint. */
  private pass(): void {
    while (this.bytes[this.offset++]! >= 0x80);
  }
}
