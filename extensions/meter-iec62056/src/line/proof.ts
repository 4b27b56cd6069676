import { withoutParity } from '@smx-edge/protocols/iec62056-21';

/** What shows that data without a check character are those that were sent: `parity` that each character has, or nothing. */
export type Proof = 'check' | 'parity' | 'none' | 'damaged';

const MARK = 0x80;

/** Parity of the bytes of a stretch of a line. An adapter may have taken it off, which proves nothing. */
export class ParityProof {
  private wrong = 0;
  private marked = 0;

  add(chunk: Uint8Array): void {
    this.wrong += withoutParity(chunk).wrong;
    for (const byte of chunk) if (byte >= MARK) this.marked++;
  }

  /** Of what came since the last call. */
  take(): Exclude<Proof, 'check'> {
    const proof = this.wrong > 0 ? 'damaged' : this.marked > 0 ? 'parity' : 'none';
    [this.wrong, this.marked] = [0, 0];
    return proof;
  }
}
