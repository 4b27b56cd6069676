import { BAD, roundTo, STALE } from '@smx-edge/model';
import { isRising, pick, valueAt, type OneSample, type RunValue, type SampleRun } from './sample-run.js';

const same = (a: RunValue, b: RunValue): boolean =>
  Object.is(a, b) || (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((x, i) => x === b[i]));

/**
 * Samples without those that tell nothing new of a time already given: a value restated as stale or bad, and the very
 * same sample delivered again. A correction (same time, other value) stays, behind what it corrects.
 */
export class Fresh {
  private t = -Infinity;
  private quality = BAD;
  private value: RunValue = null;

  /** `before`: the sample before the first, where it is known. */
  constructor(before?: OneSample) {
    if (before !== undefined) ({ t: this.t, quality: this.quality, value: this.value } = before);
  }

  /** The newest sample that told something new. */
  get last(): OneSample | undefined {
    const { t, quality, value } = this;
    return t === -Infinity ? undefined : { t, quality, value };
  }

  /** What of a run is new. */
  of(run: SampleRun): SampleRun {
    const { n, t } = run;
    if (n === 0) return run;
    if (t[0]! > this.t && isRising(run)) {
      this.keep(run, n - 1);
      return run;
    }
    const indices: number[] = [];
    for (let i = 0; i < n; i++)
      if (this.takes({ t: t[i]!, quality: run.quality[i]!, value: valueAt(run, i) })) indices.push(i);
    return indices.length === n ? run : pick(run, Uint32Array.from(indices));
  }

  /** Whether the next sample is new. */
  takes({ t, quality, value }: OneSample): boolean {
    if (t <= this.t) {
      if (quality === STALE) return false;
      if ((quality === this.quality || quality === BAD) && same(value, this.value)) return false;
    }
    this.t = t;
    this.quality = quality;
    this.value = value;
    return true;
  }

  private keep(run: SampleRun, i: number): void {
    this.t = run.t[i]!;
    this.quality = run.quality[i]!;
    this.value = valueAt(run, i);
  }
}

/** Rows are runs too: source time or window end, value, quality code. */
export function rounded(run: SampleRun, step: number | undefined): SampleRun {
  return step === undefined ? run : { ...run, number: run.number.map((value) => roundTo(value, step)) };
}

/** The samples themselves as rows. */
export function* rawRows(
  runs: Iterable<SampleRun | undefined>,
  round: number | undefined,
): Generator<SampleRun | undefined, void> {
  const fresh = new Fresh();
  for (const run of runs) yield run === undefined ? undefined : rounded(fresh.of(run), round);
}
