import { BANG, CLOSE, OPEN } from './bytes.js';

/** Cut frames in a row after which the stream is taken to be one without end marks. */
const CUT_BEFORE_DOUBT = 3;

/** Where in a line the telegram ends: at the first `!` outside brackets, -1 where none is. */
export function markIn(bytes: Uint8Array, from: number, end: number): number {
  let open = false;
  for (let i = from; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === OPEN) open = true;
    else if (byte === CLOSE) open = false;
    else if (byte === BANG && !open) return i;
  }
  return -1;
}

/** Whether a stream ends its telegrams with `!`. A meter that does not (Iskra MT382) has none that are cut short for lack of one. */
export class EndMarks {
  private known = false;
  /** Whether the stream has shown that it has none, whatever its version says. */
  private none = false;
  private missedInRow = 0;

  /** A telegram ended with one. */
  found(): void {
    this.known = true;
    this.none = false;
    this.missedInRow = 0;
  }

  /** Whether a telegram that ended without one is whole; the first part of a broken one otherwise. */
  isWholeWithout(bytes: Uint8Array, length: number): boolean {
    if (this.none || (!this.known && !holdsVersion(bytes, length))) return true;
    if (++this.missedInRow >= CUT_BEFORE_DOUBT) {
      this.known = false;
      this.none = true;
    }
    return false;
  }
}

/** Whether a version object is there, which tells that this meter ends its telegrams with `!` and a CRC. */
function holdsVersion(bytes: Uint8Array, length: number): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, length);
  return text.includes('1-3:0.2.8(') || text.includes('0-0:96.1.4(');
}
