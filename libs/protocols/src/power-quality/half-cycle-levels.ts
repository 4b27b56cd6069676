import type { HalfCycle } from './crossings.js';
import type { SpanSums } from './span-sums.js';

const KEPT = 8;
/** Share of the samples of a cycle that may be missing from a value that is sure. */
const MOST_LOST = 0.2;

/**
 * Mean squares of the last half cycles, and Urms(1/2) of them: RMS over a cycle, anew each half cycle (IEC 61000-4-30 §5.4.1). The
 * boundaries of all phases are those of the reference.
 */
export class HalfCycleLevels {
  readonly phases: number;
  /** Half cycles so far; the last one has the number `count` - 1. */
  count = 0;
  /** V: Urms(1/2) of each voltage, of the cycle that ended with the last half cycle. */
  readonly rms = new Float64Array(3);
  private readonly meanSquare = Array.from({ length: 3 }, () => new Float64Array(KEPT));
  private readonly start = new Float64Array(KEPT);
  private readonly length = new Float64Array(KEPT);
  private readonly lost = new Float64Array(KEPT);
  private readonly isRepeated = new Uint8Array(KEPT);

  constructor(phases: number) {
    this.phases = phases;
  }

  push(sums: SpanSums, half: HalfCycle): void {
    const at = this.count % KEPT;
    const before = (this.count + KEPT - 1) % KEPT;
    const whole = sums.length + this.length[before]!;
    for (let k = 0; k < this.phases; k++) {
      const squares = this.meanSquare[k]!;
      squares[at] = sums.square[k]! / sums.length;
      this.rms[k] = Math.sqrt((sums.square[k]! + squares[before]! * this.length[before]!) / whole);
    }
    this.lost[at] = sums.lost;
    this.isRepeated[at] = sums.isRepeated ? 1 : 0;
    this.start[at] = half.from;
    this.length[at] = sums.length;
    this.count++;
  }

  /** Begins anew after a loss. */
  restart(): void {
    this.count = 0;
    this.lost.fill(1);
  }

  /** Whether the last values are made of samples: not of what stands in for a stretch of lost ones, nor with too many of those between. */
  get isSure(): boolean {
    const { isRepeated, lost, length } = this;
    const at = (this.count + KEPT - 1) % KEPT;
    const before = (at + KEPT - 1) % KEPT;
    if (isRepeated[at] !== 0 || isRepeated[before] !== 0) return false;
    return lost[at]! + lost[before]! <= MOST_LOST * (length[at]! + length[before]!);
  }

  /** Whether samples were lost in the last `halves` half cycles, 8 at most. */
  isTouched(halves: number): boolean {
    for (let k = 1; k <= halves; k++) if (this.lost[(this.count + KEPT - k) % KEPT]! > 0) return true;
    return false;
  }

  /** V² of half cycle `n`. */
  square(phase: number, n: number): number {
    return this.meanSquare[phase]![n % KEPT]!;
  }

  /** Position where the last half cycle ends. */
  get end(): number {
    const at = (this.count + KEPT - 1) % KEPT;
    return this.start[at]! + this.length[at]!;
  }

  /** Position where half cycle `n` begins. */
  startOf(n: number): number {
    return this.start[n % KEPT]!;
  }

  /**
   * Position of a step of the voltage from one level to another, both V², somewhere in the half cycles `n` … `n + 2`: how much of them has the
   * old level tells when it ended.
   */
  edge(phase: number, n: number, { old, fresh }: { readonly old: number; readonly fresh: number }): number {
    let position = this.startOf(n);
    for (let k = n; k < n + 3; k++) {
      const share = (this.square(phase, k) - fresh) / (old - fresh);
      position += this.length[k % KEPT]! * Math.min(1, Math.max(0, share));
    }
    return position;
  }
}
