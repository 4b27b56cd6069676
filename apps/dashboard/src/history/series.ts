import type { HistoryRow } from '@smx-edge/model';

/** Rows of one point, in order of time. */
export interface Series {
  readonly path: string;
  readonly rows: readonly HistoryRow[];
  /** Window length, ms; 0 = each value as it came. */
  readonly every: number;
}

/** null = a gap that is not drawn over; undefined = nothing of this series at a time of another. */
type Cell = number | null | undefined;

export interface Columns {
  /** s UTC. */
  readonly times: readonly number[];
  readonly values: readonly (readonly Cell[])[];
  /** Times (s UTC) at which a value is uncertain. */
  readonly uncertain: readonly number[];
}

/** Longest distance of two values that belong together where each value is shown, ms. */
const TOGETHER = 60_000;

const numberOf = (value: HistoryRow[1]): number | null =>
  typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : null;

/** Series on one axis of times; where values are missing for longer than their distance allows there is a gap. */
export function columnsOf(series: readonly Series[]): Columns {
  const uncertain = series.flatMap(({ rows }) => rows.flatMap(([t, , q]) => (q === 'uncertain' ? [t / 1000] : [])));
  const lines = series.map(lineOf);
  if (lines.length === 1) return { times: lines[0]!.times, values: [lines[0]!.values], uncertain };
  const times = [...new Set(lines.flatMap((line) => line.times))].sort((a, b) => a - b);
  const values = lines.map((line) => {
    const at = new Map(line.times.map((t, i) => [t, line.values[i]]));
    return times.map((t) => at.get(t));
  });
  return { times, values, uncertain };
}

/** One series with a null within each hole. */
function lineOf({ rows, every }: Series): { times: number[]; values: (number | null)[] } {
  const times: number[] = [];
  const values: (number | null)[] = [];
  const longest = every === 0 ? TOGETHER : every * 1.5;
  let before = Infinity;
  for (const [t, value] of rows) {
    if (t - before > longest) {
      times.push((before + longest / 2) / 1000);
      values.push(null);
    }
    times.push(t / 1000);
    values.push(numberOf(value));
    before = t;
  }
  return { times, values };
}

export interface Summary {
  readonly least: number;
  readonly most: number;
  readonly last: number;
}

/** Undefined where there is no number. */
export function summaryOf({ rows }: Series): Summary | undefined {
  let summary: Summary | undefined;
  for (const [, value] of rows) {
    if (typeof value !== 'number') continue;
    const { least = value, most = value } = summary ?? {};
    summary = { least: Math.min(least, value), most: Math.max(most, value), last: value };
  }
  return summary;
}
