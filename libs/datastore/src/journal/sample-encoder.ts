import type { SampleBatch } from '@smx-edge/model';
import { FRAME_HEAD, LONGEST_PAYLOAD } from './frame.js';
import {
  KIND_DOUBLE,
  KIND_HUNDREDTHS,
  KIND_INTEGER,
  KIND_LIST,
  KIND_NULL,
  KIND_SHIFT,
  KIND_TENTHS,
  KIND_TEXT,
  KIND_THOUSANDTHS,
  OWN_TIME,
} from './sample-kinds.js';
import { fold, LARGEST_FOLDED, VARINT_MAX, writeVarint } from './varint.js';

/** Handle, byte of quality and kind, time, and a double. */
const LONGEST_NUMBER = 2 * VARINT_MAX + 1 + 8;
/** Where the first block begins: behind the head of the frame and the receive time of the record. */
const FIRST = FRAME_HEAD + 8;

/**
 * Collects batches into the payload of one journal record, in one buffer that is used again and again. The payload is
 * the receive time of the first batch (double), then blocks: varint count, receive time minus that of the block before
 * (folded varint), samples. Allocates nothing per sample of a number.
 */
export class SampleEncoder {
  private bytes: Buffer;
  private view: DataView;
  private end = FIRST;
  private lastReceived = 0;
  samples = 0;
  /** Of what is in it, by source time without stale and bad restatements; for the index of segments. */
  minT = Infinity;
  maxT = -Infinity;
  minReceived = Infinity;
  maxReceived = -Infinity;

  constructor(capacity = 2 ** 14) {
    this.bytes = Buffer.alloc(capacity);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, capacity);
  }

  /**
   * Adds samples of `batch` from index `from` and returns the index behind the last that fitted: less than `batch.n`
   * where the record is full and must be taken first.
   */
  add(batch: SampleBatch, from = 0): number {
    const to = this.fitting(batch, from);
    if (to === from) return from;
    const received = Math.round(batch.received);
    if (this.samples === 0) {
      this.view.setFloat64(FRAME_HEAD, received, true);
      this.lastReceived = received;
      this.minReceived = Infinity;
    }
    let end = writeVarint(this.bytes, this.end, to - from);
    end = writeVarint(this.bytes, end, fold(received - this.lastReceived));
    for (let i = from; i < to; i++) end = this.write(batch, i, end);
    this.end = end;
    this.samples += to - from;
    this.lastReceived = received;
    if (received < this.minReceived) this.minReceived = received;
    if (received > this.maxReceived) this.maxReceived = received;
    return to;
  }

  /** A copy of the record so far, with room for its frame's head, or undefined where there is none; begins a new one. */
  take(): Buffer | undefined {
    if (this.samples === 0) return undefined;
    // a buffer of its own, so that it can be handed to another thread without a copy
    const record = Buffer.from(new ArrayBuffer(this.end));
    this.bytes.copy(record, 0, 0, this.end);
    this.clear();
    return record;
  }

  clear(): void {
    this.end = FIRST;
    this.samples = 0;
    this.minT = Infinity;
    this.maxT = -Infinity;
    this.minReceived = Infinity;
    this.maxReceived = -Infinity;
  }

  /** How far the batch fits into this record, with the buffer grown to hold it. */
  private fitting(batch: SampleBatch, from: number): number {
    const limit = FRAME_HEAD + LONGEST_PAYLOAD;
    let need = this.end + 2 * VARINT_MAX;
    let to = from;
    for (; to < batch.n; to++) {
      const size = LONGEST_NUMBER + (batch.other.size > 0 ? otherSize(batch, to) : 0);
      if (need + size > limit) break;
      need += size;
    }
    if (need > this.bytes.length) this.grow(Math.min(limit, Math.max(need, this.bytes.length * 2)));
    return to;
  }

  private grow(capacity: number): void {
    const bytes = Buffer.alloc(capacity);
    this.bytes.copy(bytes, 0, 0, this.end);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, capacity);
  }

  private write(batch: SampleBatch, i: number, at: number): number {
    const { bytes } = this;
    const t = batch.t[i]!;
    const quality = batch.quality[i]!;
    if (quality < 2 || quality === 4) {
      if (t < this.minT) this.minT = t;
      if (t > this.maxT) this.maxT = t;
    }
    let offset = writeVarint(bytes, at, batch.handle[i]!);
    const head = offset++;
    let tag = quality;
    const age = Math.round(batch.received) - t;
    if (age !== 0) {
      tag |= OWN_TIME;
      offset = writeVarint(bytes, offset, fold(age));
    }
    const other = batch.other.size > 0 ? batch.other.get(i) : undefined;
    let kind: number;
    if (other === undefined || other === null) {
      const value = batch.number[i]!;
      kind = numberKind(value);
      offset = this.writeNumber(offset, value, kind);
    } else if (typeof other === 'string') {
      kind = KIND_TEXT;
      offset = writeVarint(bytes, offset, Buffer.byteLength(other));
      offset += bytes.write(other, offset);
    } else {
      kind = KIND_LIST;
      offset = writeVarint(bytes, offset, other.length);
      for (const value of other) {
        this.view.setFloat64(offset, value, true);
        offset += 8;
      }
    }
    bytes[head] = tag | (kind << KIND_SHIFT);
    return offset;
  }

  private writeNumber(offset: number, value: number, kind: number): number {
    if (kind === KIND_NULL) return offset;
    if (kind === KIND_DOUBLE) {
      this.view.setFloat64(offset, value, true);
      return offset + 8;
    }
    const scale = kind === KIND_INTEGER ? 1 : kind === KIND_TENTHS ? 10 : kind === KIND_HUNDREDTHS ? 100 : 1000;
    return writeVarint(this.bytes, offset, fold(Math.round(value * scale)));
  }
}

function otherSize(batch: SampleBatch, i: number): number {
  const other = batch.other.get(i);
  if (other === undefined || other === null) return 0;
  return VARINT_MAX + (typeof other === 'string' ? Buffer.byteLength(other) : other.length * 8);
}

/** The shortest kind that gives this very double back. */
function numberKind(value: number): number {
  if (Number.isNaN(value)) return KIND_NULL;
  if (value === 0) return Object.is(value, -0) ? KIND_DOUBLE : KIND_INTEGER;
  if (!(Math.abs(value) < LARGEST_FOLDED / 1000)) return KIND_DOUBLE;
  if (Math.round(value) === value) return KIND_INTEGER;
  if (Math.round(value * 10) / 10 === value) return KIND_TENTHS;
  if (Math.round(value * 100) / 100 === value) return KIND_HUNDREDTHS;
  if (Math.round(value * 1000) / 1000 === value) return KIND_THOUSANDTHS;
  return KIND_DOUBLE;
}
