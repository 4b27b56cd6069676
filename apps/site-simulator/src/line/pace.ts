import type { Clock, Disposable } from '@smx-edge/model';

/** Virtual time that runs `speed` times the monotonic clock. */
export class Pace {
  private readonly origin: number;
  private timer: Disposable | undefined;

  constructor(private readonly o: { clock: Clock; start: number; speed: number }) {
    this.origin = o.clock.monotonic();
  }

  /** Virtual time now, ms UTC. */
  now(): number {
    const { clock, start, speed } = this.o;
    return start + (clock.monotonic() - this.origin) * speed;
  }

  /** Calls `fn` at each whole `interval` of virtual time, but not before `pause` wall ms have passed since the last call. */
  run(every: { interval: number; pause: number }, fn: (t: number) => void): void {
    const { clock, start, speed } = this.o;
    const arm = (earliest: number): void => {
      const virtual = start + (earliest - this.origin) * speed;
      const due = Math.ceil(virtual / every.interval) * every.interval;
      const wall = this.origin + (due - start) / speed;
      // a hair late, so that virtual time has surely reached the mark
      this.timer = clock.after(Math.max(0, wall - clock.monotonic()) + 0.5, () => {
        fn(due);
        arm(Math.max(wall + every.pause * 0.999, clock.monotonic()));
      });
    };
    arm(clock.monotonic());
  }

  stop(): void {
    this.timer?.dispose();
  }
}
