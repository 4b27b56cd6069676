/** One I frame to be sent: its number, its part of the message, and whether more follows. */
export interface Piece {
  readonly ns: number;
  readonly info: Uint8Array;
  readonly segmented: boolean;
}

/** A message on its way out, cut into information fields, until the other side has acknowledged them all. */
export class Outgoing {
  /** From the first that was not acknowledged. */
  private pieces: Uint8Array[] = [];
  /** N(S) of the first piece. */
  private first = 0;
  private sent = 0;

  /** Pieces that were not acknowledged. */
  get left(): number {
    return this.pieces.length;
  }

  get isDone(): boolean {
    return this.pieces.length === 0;
  }

  reset(): void {
    this.pieces = [];
    this.first = 0;
    this.sent = 0;
  }

  /** Takes a message whose predecessor is done, `size` bytes a piece. */
  load(message: Uint8Array, size: number): void {
    this.pieces = [];
    this.sent = 0;
    for (let at = 0; at < message.length; at += size) this.pieces.push(message.subarray(at, at + size));
  }

  /** Takes the other side's N(R). False where it acknowledges what was never sent. */
  acknowledge(nr: number): boolean {
    const count = (nr - this.first) & 7;
    if (count > this.sent) return false;
    this.pieces.splice(0, count);
    this.first = nr;
    this.sent -= count;
    return true;
  }

  /** Whatever was sent counts as taken: of a side that never raises its N(R). */
  acknowledgeAll(): void {
    this.acknowledge((this.first + this.sent) & 7);
  }

  /** The answer is there, so the request arrived, whatever was acknowledged. */
  finish(): void {
    this.acknowledgeAll();
    this.pieces = [];
  }

  /** The next pieces, or again those that were not acknowledged. */
  window(size: number): Piece[] {
    this.sent = Math.min(size, this.pieces.length);
    return this.pieces.slice(0, this.sent).map((info, i) => ({
      ns: (this.first + i) & 7,
      info,
      segmented: i + 1 < this.pieces.length,
    }));
  }
}
