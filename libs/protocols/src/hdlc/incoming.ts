import type { Piece } from './outgoing.js';

/** Longest message that is put together: far above any object list, far below what would hurt. */
const LONGEST_MESSAGE = 1024 * 1024;

/** A message on its way in. The number of bytes is not bound by the PDU size: meters send one large APDU in many segments. */
export class Incoming {
  /** N(S) of the frame that is expected, to be told as N(R). */
  expected = 0;
  private parts: Uint8Array[] = [];
  private length = 0;

  reset(): void {
    this.expected = 0;
    this.forget();
  }

  /** Drops what there is of a message. */
  forget(): void {
    this.parts = [];
    this.length = 0;
  }

  /**
   * The message where this piece ends it, `more` where it goes on, `order` for a piece that is not the one expected: it is
   * dropped. Lenient takes pieces whatever their number, of meters that never raise it.
   */
  take({ ns, info, segmented }: Piece, isLenient: boolean): Uint8Array | 'more' | 'order' | 'long' {
    if (ns !== this.expected && !isLenient) return 'order';
    this.expected = (ns + 1) & 7;
    // pieces of nothing would go on for ever
    if (this.length + info.length > LONGEST_MESSAGE || (segmented && info.length === 0)) {
      this.forget();
      return 'long';
    }
    this.parts.push(info);
    this.length += info.length;
    if (segmented) return 'more';
    const message = this.parts.length === 1 ? info : joined(this.parts, this.length);
    this.forget();
    return message;
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
