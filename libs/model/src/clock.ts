import type { Disposable } from './live-source.js';

/** Time as the house reads it, so that control, windows and staleness can be driven by tests. */
export interface Clock {
  /** Wall clock, ms UTC: a label, never an interval. */
  now(): number;
  /** Monotonic ms, for intervals. */
  monotonic(): number;
  /** Calls `fn` once after `ms`; does not keep the process alive. */
  after(ms: number, fn: () => void): Disposable;
}

/** No box is older than its software: a wall clock that is earlier was never set, ms UTC. */
export const EARLIEST_CLOCK = Date.UTC(2026, 0, 1);

const LONGEST_TIMER = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, fn) {
    // setTimeout fires at once for longer delays, so a far deadline is reached in steps
    let timer: NodeJS.Timeout;
    const arm = (left: number): void => {
      timer = setTimeout(
        () => (left > LONGEST_TIMER ? arm(left - LONGEST_TIMER) : fn()),
        Math.min(Math.max(0, left), LONGEST_TIMER),
      );
      timer.unref();
    };
    arm(ms);
    return { dispose: () => clearTimeout(timer) };
  },
};

interface Timer {
  readonly at: number;
  readonly fn: () => void;
}

/** A clock that moves only when told. `advance` runs every timer that falls due, in order of time. */
export class VirtualClock implements Clock {
  /** In the order in which they were set, which is that of timers of one time. */
  private readonly timers: Timer[] = [];
  private elapsed = 0;

  constructor(private wall = EARLIEST_CLOCK) {}

  now(): number {
    return this.wall;
  }

  monotonic(): number {
    return this.elapsed;
  }

  after(ms: number, fn: () => void): Disposable {
    const timer = { at: this.elapsed + Math.max(0, ms), fn };
    this.timers.push(timer);
    return { dispose: () => this.drop(timer) };
  }

  advance(ms: number): void {
    const end = this.elapsed + ms;
    for (let due = this.first(); due !== undefined && due.at <= end; due = this.first()) {
      this.drop(due);
      this.step(Math.max(due.at, this.elapsed) - this.elapsed);
      due.fn();
    }
    this.step(end - this.elapsed);
  }

  /** Goes on to where the next timer falls due, and runs all that are due then; by `most` ms where none is until then. */
  next(most: number): void {
    const at = this.first()?.at ?? Infinity;
    if (at > this.elapsed + most) {
      this.advance(most);
      return;
    }
    // sums of fractions may fall short of it
    this.step(Math.max(0, at - this.elapsed));
    this.elapsed = Math.max(at, this.elapsed);
    this.advance(0);
  }

  /** Steps the wall clock without letting time pass, as NTP or an operator does. */
  setWall(now: number): void {
    this.wall = now;
  }

  private first(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) if (first === undefined || timer.at < first.at) first = timer;
    return first;
  }

  private drop(timer: Timer): void {
    const place = this.timers.indexOf(timer);
    if (place >= 0) this.timers.splice(place, 1);
  }

  private step(ms: number): void {
    this.elapsed += ms;
    this.wall += ms;
  }
}
