import { Sample } from './sample.js';
import type { Shape } from './shape.js';

/** Samples kept back per point; a faster point gives the newest of each part of the delay. */
const PARTS = 1024;
/** Of windows each is kept, up to this many. */
const MOST_PARTS = 10_000;

/** Holds samples back until they are old enough. Bounded: one per 1/1024 of the delay, or per window. */
export class DelayStage {
  private ring: Sample[] = [new Sample()];
  private head = 0;
  private count = 0;

  private readonly delay: number;
  private readonly part: number;

  constructor(
    shape: Shape,
    private readonly next: (sample: Sample) => void,
  ) {
    const { delay, every } = shape;
    const windows = every > 0 ? Math.ceil(delay / every) : 0;
    this.delay = delay;
    this.part = delay / Math.max(PARTS, Math.min(MOST_PARTS, windows));
  }

  /** Wall clock at which the oldest is released. */
  get due(): number {
    return this.count === 0 ? Infinity : this.ring[this.head]!.asOf + this.delay;
  }

  add(sample: Sample): void {
    const newest = this.count === 0 ? undefined : this.at(this.count - 1);
    if (newest !== undefined && this.partOf(newest.asOf) === this.partOf(sample.asOf)) {
      newest.copy(sample);
      return;
    }
    if (this.count === this.ring.length) this.grow();
    this.at(this.count).copy(sample);
    this.count++;
  }

  tick(now: number): void {
    while (this.count > 0 && this.due <= now) {
      const released = this.ring[this.head]!;
      this.head = (this.head + 1) % this.ring.length;
      this.count--;
      this.next(released);
    }
  }

  /** Forgets what lies ahead of a clock that was set back: it would hold up everything behind it. */
  restart(now: number): void {
    if (this.count > 0 && this.at(this.count - 1).asOf > now) this.count = 0;
  }

  private partOf(t: number): number {
    return Math.floor(t / this.part);
  }

  private at(index: number): Sample {
    return this.ring[(this.head + index) % this.ring.length]!;
  }

  private grow(): void {
    const ordered = this.ring.map((_, i) => this.at(i));
    this.ring = [...ordered, ...ordered.map(() => new Sample())];
    this.head = 0;
  }
}
