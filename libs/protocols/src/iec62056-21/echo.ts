const SEVEN_BITS = 0x7f;

/**
 * Takes what was just sent out of what comes back: optical heads and two-wire adapters give it to their own reader too. What
 * differs from it, in whatever piece, is the meter's.
 */
export class EchoFilter {
  private sent: number[] = [];
  /** How much of it came back so far. */
  private back = 0;

  /** Remembers what is sent; of what was sent before nothing is awaited any more. */
  note(bytes: Uint8Array): void {
    this.sent = Array.from(bytes, (byte) => byte & SEVEN_BITS);
    this.back = 0;
  }

  /** What of a chunk is no echo. */
  take(chunk: Uint8Array): Uint8Array {
    let at = 0;
    while (at < chunk.length && this.back < this.sent.length) {
      if ((chunk[at]! & SEVEN_BITS) !== this.sent[this.back]) return this.notAnEcho(chunk.subarray(at));
      this.back++;
      at++;
    }
    return chunk.subarray(at);
  }

  private notAnEcho(rest: Uint8Array): Uint8Array {
    const held = Uint8Array.from(this.sent.slice(0, this.back));
    this.sent = [];
    this.back = 0;
    return held.length === 0 ? rest : Buffer.concat([held, rest]);
  }
}
