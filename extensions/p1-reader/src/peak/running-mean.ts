/** Mean of the samples of the last `span` ms; memory is bounded, so at a higher rate the span shortens. */
export class RunningMean {
  private readonly times: Float64Array;
  private readonly values: Float64Array;
  private head = 0;
  private count = 0;
  private sum = 0;

  constructor(
    private readonly span: number,
    capacity = 256,
  ) {
    this.times = new Float64Array(capacity);
    this.values = new Float64Array(capacity);
  }

  add(t: number, value: number): void {
    const { length } = this.times;
    if (this.count === length) this.drop();
    const at = (this.head + this.count) % length;
    this.times[at] = t;
    this.values[at] = value;
    this.count++;
    this.sum += value;
    while (this.times[this.head]! <= t - this.span) this.drop();
  }

  /** NaN without samples. */
  get mean(): number {
    return this.count === 0 ? NaN : this.sum / this.count;
  }

  clear(): void {
    this.count = 0;
    this.sum = 0;
  }

  private drop(): void {
    this.sum -= this.values[this.head]!;
    this.head = (this.head + 1) % this.times.length;
    this.count--;
    // whole watts add and subtract exactly; anything else must not drift over years
    if (this.count === 0) this.sum = 0;
  }
}
