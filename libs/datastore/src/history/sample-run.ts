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
}

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
  };
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
  let sorted = true;
  for (let i = 1; i < n && sorted; i++) sorted = t[i]! >= t[i - 1]!;
  if (sorted) return run;
  const indices = Uint32Array.from({ length: n }, (_, i) => i);
  return pick(
    run,
    indices.sort((a, b) => t[a]! - t[b]! || a - b),
  );
}

/** Collects values into a run. */
export class RunBuilder {
  private t: number[] = [];
  private quality: number[] = [];
  private number: number[] = [];
  private other: OtherValue[] | undefined;

  get n(): number {
    return this.t.length;
  }

  add(t: number, value: RunValue, quality: number): void {
    const isNumber = typeof value === 'number';
    if (!isNumber && value !== null) this.other ??= new Array<OtherValue>(this.n).fill(undefined);
    this.other?.push(isNumber ? undefined : (value ?? undefined));
    this.t.push(t);
    this.quality.push(quality);
    this.number.push(isNumber ? value : NaN);
  }

  /** What was collected; begins a new run. */
  take(): SampleRun {
    const { t, quality, number, other } = this;
    this.t = [];
    this.quality = [];
    this.number = [];
    this.other = undefined;
    return {
      n: t.length,
      t: Float64Array.from(t),
      quality: Uint8Array.from(quality),
      number: Float64Array.from(number),
      ...(other === undefined ? {} : { other }),
    };
  }
}
