import type { Clock } from '@smx-edge/model';

export type Way = 'toReader' | 'toMeter';

/** From a byte of one way on all come late, once. */
export interface Stall {
  readonly way: Way;
  /** The first that is late, from 0. */
  readonly at: number;
  /** ms. */
  readonly by: number;
}

export interface StallGateOptions {
  readonly stall: Stall | undefined;
  deliver(bytes: Uint8Array): void;
}

/** One way of a line that holds back what it carries, as a busy bridge or adapter does: late, but in order. */
export class StallGate {
  passed = 0;
  private held: Uint8Array[] | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly o: StallGateOptions,
  ) {}

  push(bytes: Uint8Array): void {
    const { stall, deliver } = this.o;
    const early = stall === undefined ? bytes.length : stall.at - this.passed;
    this.passed += bytes.length;
    if (this.held !== undefined) this.held.push(bytes);
    else if (stall === undefined || early < 0 || early >= bytes.length) this.give(bytes);
    else {
      this.held = [bytes.subarray(early)];
      this.clock.after(stall.by, () => this.release());
      if (early > 0) deliver(bytes.subarray(0, early));
    }
  }

  private release(): void {
    const late = Buffer.concat(this.held ?? []);
    this.held = undefined;
    this.give(late);
  }

  private give(bytes: Uint8Array): void {
    if (bytes.length > 0) this.o.deliver(bytes);
  }
}
