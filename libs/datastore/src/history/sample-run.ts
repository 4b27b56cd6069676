/** Samples of one point in columns. Booleans are 0 and 1 here: only the catalogue knows the type of a point. */
export interface SampleRun {
  readonly n: number;
  /** Source times, ms UTC. */
  readonly t: Float64Array;
  /** Quality codes. */
  readonly quality: Uint8Array;
  /** NaN = null, or a text or list that stands in `other`. */
  readonly number: Float64Array;
  /** Only where there are texts or lists: undefined = none at this index. */
  readonly other?: readonly OtherValue[];
  /** Where it is known that each time is later than the one before. */
  readonly rises?: true;
}

const FIRST = 256;

export type OtherValue = string | readonly number[] | undefined;
export type RunValue = number | string | readonly number[] | null;

/** A sample by itself. */
export interface OneSample {
  readonly t: number;
  readonly quality: number;
  readonly value: RunValue;
}

export function valueAt({ number, other }: SampleRun, i: number): RunValue {
  const value = number[i]!;
  return Number.isNaN(value) ? (other?.[i] ?? null) : value;
}

/** Samples `from` … `to` (exclusive) of a run, sharing its columns. */
export function slice(run: SampleRun, from: number, to: number): SampleRun {
  if (from === 0 && to === run.n) return run;
  return {
    n: to - from,
    t: run.t.subarray(from, to),
    quality: run.quality.subarray(from, to),
    number: run.number.subarray(from, to),
    ...(run.other === undefined ? {} : { other: run.other.slice(from, to) }),
    ...(run.rises === undefined ? {} : { rises: run.rises }),
  };
}

/** Whether each time of a run is later than the one before. */
export function isRising({ t, n, rises }: SampleRun): boolean {
  if (rises !== undefined) return true;
  for (let i = 1; i < n; i++) if (!(t[i]! > t[i - 1]!)) return false;
  return true;
}

/** The samples of a run at `indices`, in that order. */
export function pick(run: SampleRun, indices: Uint32Array): SampleRun {
  const n = indices.length;
  const t = new Float64Array(n);
  const quality = new Uint8Array(n);
  const number = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const at = indices[i]!;
    t[i] = run.t[at]!;
    quality[i] = run.quality[at]!;
    number[i] = run.number[at]!;
  }
  const { other } = run;
  return { n, t, quality, number, ...(other === undefined ? {} : { other: Array.from(indices, (at) => other[at]) }) };
}

/** Two runs as one, the second behind the first. */
export function join(a: SampleRun, b: SampleRun): SampleRun {
  if (a.n === 0) return b;
  if (b.n === 0) return a;
  const n = a.n + b.n;
  const t = new Float64Array(n);
  const quality = new Uint8Array(n);
  const number = new Float64Array(n);
  for (const [run, at] of [
    [a, 0],
    [b, a.n],
  ] as const) {
    t.set(run.t.subarray(0, run.n), at);
    quality.set(run.quality.subarray(0, run.n), at);
    number.set(run.number.subarray(0, run.n), at);
  }
  if (a.other === undefined && b.other === undefined) return { n, t, quality, number };
  const none = (length: number): OtherValue[] => new Array<OtherValue>(length).fill(undefined);
  return { n, t, quality, number, other: [...(a.other ?? none(a.n)), ...(b.other ?? none(b.n))] };
}

/** The run in order of t, samples of one t in the order they had. */
export function inOrder(run: SampleRun): SampleRun {
  const { t, n } = run;
  if (isRising(run)) return run;
  let sorted = true;
  for (let i = 1; i < n && sorted; i++) sorted = t[i]! >= t[i - 1]!;
  if (sorted) return run;
  const indices = Uint32Array.from({ length: n }, (_, i) => i);
  return pick(
    run,
    indices.sort((a, b) => t[a]! - t[b]! || a - b),
  );
}

/** Collects values into runs. */
export class RunBuilder {
  n = 0;
  private t = new Float64Array(FIRST);
  private quality = new Uint8Array(FIRST);
  private number = new Float64Array(FIRST);
  private other: OtherValue[] | undefined;

  add(t: number, value: RunValue, quality: number): void {
    const i = this.n;
    if (i === this.t.length) this.grow();
    const isNumber = typeof value === 'number';
    if (!isNumber && value !== null) this.other ??= new Array<OtherValue>(i).fill(undefined);
    this.other?.push(isNumber ? undefined : (value ?? undefined));
    this.t[i] = t;
    this.quality[i] = quality;
    this.number[i] = isNumber ? value : NaN;
    this.n = i + 1;
  }

  /** What was collected; begins a new run. */
  take(): SampleRun {
    const { n, t, quality, number, other } = this;
    this.n = 0;
    this.other = undefined;
    const own = { n, t: t.slice(0, n), quality: quality.slice(0, n), number: number.slice(0, n) };
    return other === undefined ? own : { ...own, other };
  }

  private grow(): void {
    const capacity = this.t.length * 2;
    const { t, quality, number } = this;
    (this.t = new Float64Array(capacity)).set(t);
    (this.quality = new Uint8Array(capacity)).set(quality);
    (this.number = new Float64Array(capacity)).set(number);
  }
}
