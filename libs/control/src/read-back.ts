import type { PointValue } from '@smx-edge/model';

export interface Expectation {
  /** What the proving point should come to. */
  readonly fits: (measured: PointValue) => boolean;
  /** How far two numbers may be apart and still be the same. */
  readonly tolerance: number;
  /** What it showed before the write. */
  readonly before: PointValue;
}

export type Verdict =
  { readonly kind: 'fits' | 'unmoved' | 'elsewhere'; readonly measured: PointValue } | { readonly kind: 'unknown' };

/** How often a device that still moves is given its time again. */
const EXTENSIONS = 3;

/** Watches the point that proves a write, from the write on: only readings that came after it count. */
export class ReadBack {
  private last: PointValue | undefined;
  private previous: PointValue | undefined;
  private extensions = 0;

  constructor(private readonly expected: Expectation) {}

  /** A good reading that came since; true once it is as expected. */
  see(measured: PointValue): boolean {
    this.last = measured;
    return this.expected.fits(measured);
  }

  /** At the end of the time: undefined where the device still moves and is given more. */
  late(): Verdict | undefined {
    const { last, previous } = this;
    this.previous = last;
    const moves = last !== undefined && previous !== last && !this.near(last, previous ?? this.expected.before);
    if (moves && this.extensions++ < EXTENSIONS && !this.expected.fits(last)) return undefined;
    return this.verdict();
  }

  verdict(): Verdict {
    const { last } = this;
    if (last === undefined || last === null) return { kind: 'unknown' };
    if (this.expected.fits(last)) return { kind: 'fits', measured: last };
    return { kind: this.near(last, this.expected.before) ? 'unmoved' : 'elsewhere', measured: last };
  }

  private near(a: PointValue, b: PointValue): boolean {
    return sameValue(a, b, this.expected.tolerance);
  }
}

export function sameValue(a: PointValue, b: PointValue, tolerance = 0): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= tolerance;
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
