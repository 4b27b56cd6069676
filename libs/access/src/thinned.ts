import type { HistoryRow } from '@smx-edge/model';

/** Whether windows of `every` ms begin and end on the grid of `interval`. */
export function onGrid(every: number, interval: number): boolean {
  const cells = every / interval;
  return cells >= 1 && Math.abs(cells - Math.round(cells)) < 1e-6;
}

/** End of the cell of the grid of `interval` that holds `t`: end - interval < t <= end. */
export const cellEnd = (t: number, interval: number): number => Math.ceil(t / interval) * interval;

/**
 * The last row of each cell of a fixed grid, of rows in order of time, and none of a cell that ends after `ripe`. As the
 * grid is the same for every query, no choice of from and to brings more to light.
 */
export async function* thinned(
  chunks: AsyncIterable<readonly HistoryRow[]>,
  { interval, ripe }: { interval: number; ripe: number },
): AsyncIterable<readonly HistoryRow[]> {
  let last: HistoryRow | undefined;
  let end = -Infinity;
  for await (const rows of chunks) {
    const kept: HistoryRow[] = [];
    for (const row of rows) {
      if (last !== undefined && row[0] > end) kept.push(last);
      if (last === undefined || row[0] > end) end = cellEnd(row[0], interval);
      last = row;
    }
    if (kept.length > 0) yield kept;
  }
  if (last !== undefined && end <= ripe) yield [last];
}
