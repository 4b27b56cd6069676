/** One figure of the bench table (contracts §1). */
export interface BenchRow {
  readonly name: string;
  readonly figure: number;
  readonly unit: string;
  /** What was asked; a figure at or better than it is `ok`. */
  readonly target: number;
  /** The bare limit measured in the same run, null where there is none. */
  readonly limit: number | null;
}

/** `more` where a larger figure is better. A bench module exports `name`, `better` rows and `run`. */
export interface Bench {
  readonly name: string;
  run(): Promise<readonly (BenchRow & { readonly better: 'more' | 'less' })[]>;
}

/** Median of `rounds` runs of `fn`, which gives a rate or a time. */
export async function medianOf(rounds: number, fn: () => number | Promise<number>): Promise<number> {
  const figures: number[] = [];
  for (let i = 0; i < rounds; i++) figures.push(await fn());
  figures.sort((a, b) => a - b);
  return figures[Math.floor(figures.length / 2)]!;
}
