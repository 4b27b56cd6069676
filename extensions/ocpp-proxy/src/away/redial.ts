import type { DialFailure, FarSide } from '../relay/far-side.js';
import type { Handshake } from '../relay/wire.js';
import { backOff } from './back-off.js';
import { isAway, type Breaker } from './breaker.js';

export interface RedialOptions {
  readonly breaker: Breaker;
  readonly handshake: Handshake;
  /** 0 … 1. */
  readonly random: () => number;
  /** Once, and last. */
  readonly back: (farSide: FarSide) => void;
  /** The back end is there and does not want this charge point. Once, and last. */
  readonly unwanted: (failure: DialFailure) => void;
}

/** ms within which charge points that lost their back end together dial it again. */
const SPREAD = 500;
const TOO_MANY_REQUESTS = 429;

/** Dials the back end of one charge point again, as the charge point dialled it, until it answers or `stop`. */
export class Redial {
  private readonly abort = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private forget: (() => void) | undefined;
  private refusals = 0;

  constructor(private readonly o: RedialOptions) {
    this.after(this.spread());
  }

  stop(): void {
    this.abort.abort();
    this.rest();
  }

  private spread(): number {
    return this.o.random() * SPREAD;
  }

  private after(ms: number): void {
    this.rest();
    this.timer = setTimeout(() => void this.dial(), ms);
    this.forget = this.o.breaker.whenBack(this.o.handshake, () => this.after(this.spread()));
  }

  private rest(): void {
    clearTimeout(this.timer);
    this.forget?.();
  }

  private async dial(): Promise<void> {
    this.rest();
    const { breaker, handshake, random } = this.o;
    const result = await breaker.dial(handshake, this.abort.signal);
    if (this.abort.signal.aborted) {
      if ('farSide' in result) result.farSide.close({ code: 1001, reason: Buffer.alloc(0) });
    } else if ('farSide' in result) this.o.back(result.farSide);
    else if (isAway(result.failure) && breaker.pause(handshake) > 0)
      this.after(breaker.pause(handshake) + this.spread());
    else if (mayPass(result.failure)) this.after(backOff((this.refusals += 1), random()));
    else this.o.unwanted(result.failure);
  }
}

const mayPass = ({ status }: DialFailure): boolean =>
  status === undefined || status >= 500 || status === TOO_MANY_REQUESTS;
