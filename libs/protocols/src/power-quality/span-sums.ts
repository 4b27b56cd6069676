/**
 * Integrals over a span of time, in samples: of squares (IEC 61000-4-30 §5.2 and §5.13), of u·i, and of products with the fundamental.
 * Spans that follow each other are added; what they share at their edges is counted once.
 */
export class SpanSums {
  /** Samples, with their fraction. */
  length = NaN;
  lost = 0;
  /** V² and A²: three voltages, three currents, the neutral. */
  readonly square = new Float64Array(7);
  /** Products with cos and sin of the fundamental: three voltages, three currents. */
  readonly real = new Float64Array(6);
  readonly imaginary = new Float64Array(6);
  /** V·A of each phase. */
  readonly power = new Float64Array(3);
  /** Whether the span begins and ends with crossings that were seen. */
  isSynced = true;
  /** Whether a stretch of it was lost and is the period before: what it says may be wrong. */
  isRepeated = false;

  constructor() {
    this.clear();
  }

  clear(): void {
    this.length = 0;
    this.lost = 0;
    this.square.fill(0);
    this.real.fill(0);
    this.imaginary.fill(0);
    this.power.fill(0);
    this.isSynced = true;
    this.isRepeated = false;
  }

  add(other: SpanSums): void {
    this.length += other.length;
    this.lost += other.lost;
    for (let k = 0; k < 7; k++) this.square[k]! += other.square[k]!;
    for (let k = 0; k < 6; k++) {
      this.real[k]! += other.real[k]!;
      this.imaginary[k]! += other.imaginary[k]!;
    }
    for (let k = 0; k < 3; k++) this.power[k]! += other.power[k]!;
    this.isSynced &&= other.isSynced;
    this.isRepeated ||= other.isRepeated;
  }
}
