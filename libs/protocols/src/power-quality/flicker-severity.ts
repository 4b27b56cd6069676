const LOWEST = 1e-4;
const PER_DECADE = 128;
const DECADES = 8;
const CLASSES = PER_DECADE * DECADES;

/** Percentiles that are smoothed to one value, in % of time, and the weights of these values (IEC 61000-4-15 §5.7.2). */
const PARTS: readonly { readonly weight: number; readonly exceeded: readonly number[] }[] = [
  { weight: 0.0314, exceeded: [0.1] },
  { weight: 0.0525, exceeded: [0.7, 1, 1.5] },
  { weight: 0.0657, exceeded: [2.2, 3, 4] },
  { weight: 0.28, exceeded: [6, 8, 10, 13, 17] },
  { weight: 0.08, exceeded: [30, 50, 80] },
];

/** Classes of Pinst over 10 min (block 5): logarithmic from 10⁻⁴ to 10⁴, 1.8 % wide. */
export class FlickerSeverity {
  private readonly classes = new Uint32Array(CLASSES);
  private total = 0;

  add(sensation: number): void {
    const at = Math.floor(Math.log10(sensation / LOWEST) * PER_DECADE);
    this.classes[at > 0 ? Math.min(at, CLASSES - 1) : 0]!++;
    this.total++;
  }

  /** Pst of what was added, NaN of nothing; begins anew. */
  take(): number {
    let sum = 0;
    for (const { weight, exceeded } of PARTS) {
      const smoothed = exceeded.reduce((mean, percent) => mean + this.exceededFor(percent) / exceeded.length, 0);
      sum += weight * smoothed;
    }
    const isEmpty = this.total === 0;
    this.classes.fill(0);
    this.total = 0;
    return isEmpty ? NaN : Math.sqrt(sum);
  }

  /** Pinst that is exceeded in so many % of the time, interpolated within its class. */
  private exceededFor(percent: number): number {
    const wanted = (this.total * percent) / 100;
    let above = 0;
    for (let at = CLASSES - 1; at >= 0; at--) {
      const within = this.classes[at]!;
      if (above + within >= wanted && within > 0)
        return LOWEST * 10 ** ((at + 1 - (wanted - above) / within) / PER_DECADE);
      above += within;
    }
    return 0;
  }
}

/** Plt: cubic mean of the twelve Pst of 2 h (IEC 61000-4-15 §5.7.3); NaN where one is missing. */
export function longTermSeverity(shortTerm: Float64Array): number {
  let sum = 0;
  for (const value of shortTerm) sum += value ** 3;
  return Math.cbrt(sum / shortTerm.length);
}
