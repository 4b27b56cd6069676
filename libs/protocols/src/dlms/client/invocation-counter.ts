import { SmxError } from '@smx-edge/model';

const LARGEST = 0xffffffff;

export interface CounterReserve {
  /** First counter to be used: the one reserved last time, or 1 where there is none yet. */
  readonly from: number;
  /** Counters taken at once, so that not every APDU is a write. Default 1000. */
  readonly jump?: number;
  /** Keeps for good that all below `upTo` may have been used, before it returns; throws where it cannot. */
  readonly reserve: (upTo: number) => void;
}

/** Invocation counters, each given once over all restarts (Green Book §9.2.3.3.7): a key must never seal two texts under one. */
export class InvocationCounter {
  private at: number;
  private reserved: number;

  constructor(private readonly options: CounterReserve) {
    this.at = options.from;
    this.reserved = options.from;
  }

  /** Throws SMX_PROTOCOL_ENCODE where they are used up and the key must be changed. */
  next(): number {
    if (this.at >= LARGEST)
      throw new SmxError(
        'SMX_PROTOCOL_ENCODE',
        'The invocation counters of this key are used up; give the meter another',
      );
    if (this.at >= this.reserved) {
      const upTo = Math.min(this.at + (this.options.jump ?? 1000), LARGEST);
      this.options.reserve(upTo);
      this.reserved = upTo;
    }
    return this.at++;
  }
}
