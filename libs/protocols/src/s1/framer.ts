import { fcs16 } from '../hdlc/fcs16.js';
import type { S1Counts } from './counts.js';
import { CLOSING, FCS, FLAG, HEADER, S1_FRAME_LENGTH } from './frame.js';

/** Takes an intact frame: its opening flag is at `at`, `behind` bytes have come since its closing flag. */
export interface FrameSink {
  take(bytes: Uint8Array, at: number, behind: number): void;
}

/**
 * Finds frames in a stream of bytes, whatever the pieces it comes in. Since nothing is escaped, flag, length and check
 * sequence together decide what a frame is, and what is none is looked through for the beginning of a real one: damage costs
 * no frame that follows it. Frames are taken where they lie in the piece that came; only one cut by its end is copied.
 */
export class S1Framer {
  /** Begin of a frame whose end has not come: its first byte is a flag. */
  private readonly held = new Uint8Array(S1_FRAME_LENGTH);
  private length = 0;
  /** Whether the flag at which the search goes on has ended a frame. */
  private ended = false;
  /**
   * Where in the bytes that are searched the damaged frame ends that was counted last: what looks like a frame in it is none.
   * No place in the stream: that grows out of what the compiler takes for a small number, after half a day.
   */
  private damagedTo = 0;
  /** Bytes that have come behind those that are searched. */
  private waiting = 0;

  constructor(
    private readonly counts: S1Counts,
    private readonly sink: FrameSink,
  ) {}

  /** Takes the next bytes of the stream; the sink gets each frame before this returns. */
  push(chunk: Uint8Array): void {
    const end = chunk.length;
    let from = 0;
    while (this.length > 0 && from < end) {
      from = this.complete(chunk, from);
      // what is left lies in this piece as well
      if (this.length < S1_FRAME_LENGTH && this.length <= from) {
        from -= this.length;
        this.length = 0;
        break;
      }
    }
    if (from === end) return;
    this.damagedTo += from;
    this.waiting = 0;
    const done = this.search(chunk, from, end);
    this.forget(done);
    this.hold(chunk, done);
  }

  /** The line has been silent: what began as a frame has no end, and is looked through. */
  flush(): void {
    this.waiting = 0;
    while (this.length > 0) {
      if (this.length >= HEADER.length) this.damaged(0, 'cut');
      this.drop(this.search(this.held, this.skip(this.held, 0, this.length), this.length));
    }
  }

  /** Adds to the frame under way, and searches it once it is long enough. Returns where in the piece to go on. */
  private complete(chunk: Uint8Array, from: number): number {
    const { held } = this;
    const end = chunk.length;
    let length = this.length;
    let at = from;
    while (length < S1_FRAME_LENGTH && at < end) held[length++] = chunk[at++]!;
    this.length = length;
    this.waiting = end - at;
    this.drop(this.search(held, 0, length));
    return at;
  }

  private hold(chunk: Uint8Array, from: number): void {
    let length = 0;
    for (let i = from; i < chunk.length; i++) this.held[length++] = chunk[i]!;
    this.length = length;
  }

  private drop(count: number): void {
    if (count === 0) return;
    this.held.copyWithin(0, count, this.length);
    this.length -= count;
    this.forget(count);
  }

  /** So many bytes are done with: places count from behind them. */
  private forget(count: number): void {
    this.damagedTo = this.damagedTo > count ? this.damagedTo - count : 0;
  }

  /** The hot loop: looks for frames between `from` and `to`. Returns from where on more bytes have to come first. */
  private search(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to) {
      if (this.ended && at + 1 < to && bytes[at + 1] === FLAG) {
        this.ended = false;
        at++;
      }
      const end = at + CLOSING;
      if (end >= to) {
        if (mayBegin(bytes, at, to)) return at;
      } else if (
        bytes[at] === FLAG &&
        bytes[at + 1] === 0x80 &&
        bytes[at + 2] === 0x2b &&
        bytes[at + 3] === 0xff &&
        bytes[at + 4] === 0x03
      ) {
        if (bytes[end] !== FLAG) this.damaged(at, 'cut');
        else if (fcs16(bytes, at + 1, at + FCS) !== (bytes[at + FCS]! | (bytes[at + FCS + 1]! << 8)))
          this.damaged(at, 'badFcs');
        else {
          if (this.ended) this.counts.sharedFlags++;
          this.ended = true;
          this.sink.take(bytes, at, to - end - 1 + this.waiting);
          at = end;
          continue;
        }
      }
      at = this.skip(bytes, at, to);
    }
    return to;
  }

  /** No frame begins at `at`: the next flag before `to`, or `to`. */
  private skip(bytes: Uint8Array, at: number, to: number): number {
    const found = bytes.indexOf(FLAG, at + 1);
    const next = found < 0 || found > to ? to : found;
    // a flag that ended a frame is part of it
    this.counts.skippedBytes += next - at - (this.ended ? 1 : 0);
    this.ended = false;
    return next;
  }

  private damaged(at: number, fault: 'cut' | 'badFcs'): void {
    if (at < this.damagedTo) return;
    this.counts[fault]++;
    if (fault === 'badFcs') this.damagedTo = at + CLOSING;
  }
}

/** Whether the bytes from `at` on, fewer than a frame has, may be the begin of one. */
function mayBegin(bytes: Uint8Array, at: number, to: number): boolean {
  for (let i = 0; i < HEADER.length && at + i < to; i++) if (bytes[at + i] !== HEADER[i]) return false;
  return true;
}
