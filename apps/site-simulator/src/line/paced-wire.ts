import type { Clock, Disposable } from '@smx-edge/model';

/** Start bit, eight bits, stop bit. */
const BITS = 10;
/** Bytes that arrive together: a reader sees no single ones. */
const PIECE = 16;
/** A timer is as exact as this, ms. */
const HAIR = 0.5;

export interface PushOptions {
  /** ms before the first byte. */
  readonly wait?: number;
  /** ms after each byte, of which then each comes alone. */
  readonly gap?: number;
  /** Once the last is there. */
  readonly then?: () => void;
}

/** One direction of a serial line: bytes are there when the last of them would be. */
export class PacedWire {
  /** Bytes that went over it. */
  bytes = 0;
  /** 0 = they take no time. */
  baud = 0;
  private readonly queue: { readonly at: number; run(): void }[] = [];
  /** When the line is free again, by the monotonic clock. */
  private free = 0;
  private timer: Disposable | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly deliver: (bytes: Uint8Array) => void,
  ) {}

  /** ms until all that was pushed is there. */
  get left(): number {
    return Math.max(0, this.free - this.clock.monotonic());
  }

  push(bytes: Uint8Array, { wait = 0, gap = 0, then }: PushOptions = {}): void {
    this.bytes += bytes.length;
    const { baud, queue } = this;
    if (baud === 0 && wait === 0 && gap === 0 && queue.length === 0) {
      this.deliver(bytes);
      then?.();
      return;
    }
    const size = gap > 0 ? 1 : baud === 0 ? bytes.length : PIECE;
    this.free = Math.max(this.free, this.clock.monotonic()) + wait;
    for (let from = 0; from < bytes.length; from += size) {
      const piece = bytes.subarray(from, from + size);
      this.free += gap + (baud === 0 ? 0 : (piece.length * BITS * 1000) / baud);
      queue.push({ at: this.free, run: () => this.deliver(piece) });
    }
    if (then !== undefined) queue.push({ at: this.free, run: then });
    this.arm();
  }

  /** What is on its way never arrives. */
  clear(): void {
    this.queue.length = 0;
    this.timer?.dispose();
    this.timer = undefined;
  }

  private arm(): void {
    const [next] = this.queue;
    if (next === undefined || this.timer !== undefined) return;
    this.timer = this.clock.after(Math.max(0, next.at - this.clock.monotonic()), () => {
      this.timer = undefined;
      while (this.queue.length > 0 && this.queue[0]!.at <= this.clock.monotonic() + HAIR) this.queue.shift()!.run();
      this.arm();
    });
  }
}
