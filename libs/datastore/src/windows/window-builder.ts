import { BAD, SampleSpacing, SPACINGS, STALE, SUBSTITUTED, UNCERTAIN } from '@smx-edge/model';
import type { SampleRun } from '../history/sample-run.js';
import type { KeptWindow } from './kept-window.js';

const STEADY = 2 * 3_600_000;
/** Sums below it stay exact over as many windows as three weeks have. */
const WHOLE = 2 ** 42;

type Building = { -readonly [K in keyof KeptWindow]: KeptWindow[K] };

/** Adds up samples of one point, in order of t, to windows of `every` ms. */
export class WindowBuilder {
  private readonly built: KeptWindow[] = [];
  private present: Building | undefined;
  private readonly spacing = new SampleSpacing(0);
  /** Times of the last samples, one more than spacings count. */
  private readonly times = new Float64Array(SPACINGS + 1).fill(-Infinity);
  private seen = 0;

  constructor(private readonly every: number) {}

  add({ n, t, quality, number }: SampleRun): void {
    for (let i = 0; i < n; i++) {
      const code = quality[i]!;
      if (code === STALE || code === BAD) continue;
      // texts and lists have no windows, yet nothing of a number point is one of them
      if (!Number.isNaN(number[i]!)) this.sample(number[i]!, t[i]!, code);
    }
  }

  /** The windows, in order. */
  done(): KeptWindow[] {
    this.close();
    return this.built;
  }

  private sample(value: number, t: number, quality: number): void {
    const end = Math.ceil(t / this.every) * this.every;
    if (this.present?.end !== end) this.close();
    const present = (this.present ??= begun(end, value, t));
    this.spacing.add(t);
    this.times[this.seen++ % this.times.length] = t;
    present.count++;
    present.sum += value;
    present.min = Math.min(present.min, value);
    present.max = Math.max(present.max, value);
    present.whole &&= Number.isInteger(value) && Math.abs(present.sum) < WHOLE;
    if (value < present.last) present.fell = true;
    present.last = value;
    present.lastT = t;
    if (quality === UNCERTAIN) present.uncertain = true;
    else if (quality === SUBSTITUTED) present.substituted = true;
  }

  private close(): void {
    const { present, times, seen } = this;
    if (present === undefined) return;
    present.spacing = this.spacing.median() ?? 0;
    present.steady = seen >= times.length && times[seen % times.length]! > present.end - STEADY;
    this.built.push(present);
    this.present = undefined;
  }
}

const begun = (end: number, value: number, t: number): Building => ({
  ...{ end, count: 0, sum: 0, min: Infinity, max: -Infinity, first: value, last: value, lastT: t },
  ...{ uncertain: false, substituted: false, fell: false, steady: false, whole: true, spacing: 0 },
});

/** Windows of samples that came one after the other, as those of all of them. */
export function joinWindows(a: readonly KeptWindow[], b: readonly KeptWindow[]): KeptWindow[] {
  const byEnd = new Map(a.map((window) => [window.end, window]));
  for (const later of b) {
    const known = byEnd.get(later.end);
    byEnd.set(later.end, known === undefined ? { ...later, steady: false } : joined(known, later));
  }
  return [...byEnd.values()].sort((x, y) => x.end - y.end);
}

function joined(a: KeptWindow, b: KeptWindow): KeptWindow {
  const [first, last] = b.lastT >= a.lastT ? [a, b] : [b, a];
  const sum = a.sum + b.sum;
  return {
    ...{ end: a.end, count: a.count + b.count, sum, min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) },
    ...{ first: first.first, last: last.last, lastT: last.lastT, spacing: a.spacing || b.spacing },
    ...{ uncertain: a.uncertain || b.uncertain, substituted: a.substituted || b.substituted },
    ...{ fell: a.fell || b.fell || last.first < first.last, steady: false },
    whole: a.whole && b.whole && Math.abs(sum) < WHOLE,
  };
}
