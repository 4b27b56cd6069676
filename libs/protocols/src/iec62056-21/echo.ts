const SEVEN_BITS = 0x7f;

/**
 * Takes what was just sent out of what comes back: optical heads and two-wire adapters give it to their own reader too. What
 * differs from it, in whatever piece, is the meter's.
 */
export class EchoFilter {
  private sent: number[] = [];
  /** What of it came back so far, as it came: with whatever parity. */
  private back: number[] = [];

  /** Remembers what is sent; of what was sent before nothing is awaited any more. */
  note(bytes: Uint8Array): void {
    this.sent = Array.from(bytes, (byte) => byte & SEVEN_BITS);
    this.back = [];
  }

  /** What of a chunk is no echo. */
  take(chunk: Uint8Array): Uint8Array {
    let at = 0;
    while (at < chunk.length && this.back.length < this.sent.length) {
      if ((chunk[at]! & SEVEN_BITS) !== this.sent[this.back.length]) return this.notAnEcho(chunk.subarray(at));
      this.back.push(chunk[at]!);
      at++;
    }
    return chunk.subarray(at);
  }

  private notAnEcho(rest: Uint8Array): Uint8Array {
    const held = Uint8Array.from(this.back);
    this.sent = [];
    this.back = [];
    return held.length === 0 ? rest : Buffer.concat([held, rest]);
  }
}
