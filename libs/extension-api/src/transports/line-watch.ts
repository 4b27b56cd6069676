import type { Clock, Disposable } from '@smx-edge/model';

interface WatchOptions {
  readonly clock: Clock;
  /** Ms; 0 or Infinity = nothing is watched. */
  readonly idle: number;
  readonly onSilent: (ms: number) => void;
  readonly onNoFrames: () => void;
}

/** Notices silence on an open connection. One timer that re-arms itself, so that a byte costs no timer. */
export class LineWatch {
  private timer: Disposable | undefined;
  private byteAt = 0;
  private frameAt = 0;
  private held = false;

  constructor(private readonly options: WatchOptions) {}

  start(): void {
    this.stop();
    this.byteAt = this.frameAt = this.options.clock.monotonic();
    this.arm(this.options.idle);
  }

  stop(): void {
    this.timer?.dispose();
    this.timer = undefined;
  }

  byte(): void {
    this.byteAt = this.options.clock.monotonic();
  }

  frame(): void {
    this.frameAt = this.options.clock.monotonic();
  }

  /** While the reader is slow the silence is ours. */
  hold(held: boolean): void {
    this.held = held;
    this.byteAt = this.options.clock.monotonic();
  }

  private arm(ms: number): void {
    if (this.options.idle === 0 || !Number.isFinite(this.options.idle)) return;
    this.timer = this.options.clock.after(ms, () => this.check());
  }

  private check(): void {
    const { clock, idle } = this.options;
    const now = clock.monotonic();
    if (this.held) this.byteAt = now;
    const silence = now - this.byteAt;
    if (silence >= idle) {
      this.options.onSilent(silence);
      return;
    }
    if (now - this.frameAt >= idle) this.options.onNoFrames();
    this.arm(Math.max(1, Math.min(this.byteAt, Math.max(this.frameAt, now - idle / 2)) + idle - now));
  }
}
