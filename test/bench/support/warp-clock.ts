import { VirtualClock, type Clock, type Disposable } from '@smx-edge/model';

/** A clock that is moved by hand, week by week where one likes, and then goes on with real time. */
export class WarpClock implements Clock {
  private readonly inner = new VirtualClock(Date.UTC(2026, 4, 4));
  private timer: NodeJS.Timeout | undefined;

  now(): number {
    return this.inner.now();
  }

  monotonic(): number {
    return this.inner.monotonic();
  }

  after(ms: number, fn: () => void): Disposable {
    return this.inner.after(ms, fn);
  }

  advance(ms: number): void {
    this.inner.advance(ms);
  }

  /** Real time, from now on until `stop`. */
  run(): void {
    let last = performance.now();
    this.timer = setInterval(() => {
      const now = performance.now();
      this.inner.advance(now - last);
      last = now;
    }, 2);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
