import type { HistoryRow } from '@smx-edge/model';
import { get } from '../api/client.js';
import { Problem } from '../api/problem.js';
import type { Series } from './series.js';

interface Span {
  /** ms UTC; `from` < t <= `to`. */
  readonly from: number;
  readonly to: number;
}

export interface Wish extends Span {
  readonly path: string;
  /** Window length, ms; 0 = each value. */
  readonly every: number;
  readonly as?: 'delta' | 'last';
}

/** Requests under way at once: a browser has six connections to the box, and live values need one. */
const AT_ONCE = 3;

const queue: (() => void)[] = [];
let running = 0;

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>((resolve) => queue.push(resolve));
  running++;
  try {
    return await work();
  } finally {
    running--;
    queue.shift()?.();
  }
}

/**
 * History of one point. Where the grant is coarser than the wish it is answered in the granted form; a point without a
 * grant has no rows. Throws `Problem`.
 */
export function load(wish: Wish, signal: AbortSignal): Promise<Series> {
  return inTurn(async () => {
    const { path, every, as } = wish;
    try {
      const rows = await rowsOf(
        wish,
        { ...(every === 0 ? {} : { every: `${every}ms` }), ...(as ? { as } : {}) },
        signal,
      );
      return { path, rows, every };
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 403) throw error;
      const rows = await rowsOf(wish, {}, signal);
      return { path, rows: as === 'delta' ? differences(rows) : rows, every: distanceOf(rows) };
    }
  });
}

async function rowsOf(
  { path, from, to }: Wish,
  form: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<readonly HistoryRow[]> {
  const query = new URLSearchParams({ match: path, from: String(from), to: String(to), ...form });
  const { points } = await get<{ points: Readonly<Record<string, readonly HistoryRow[]>> }>(
    `history?${query.toString()}`,
    signal,
  );
  return points[path] ?? [];
}

/** Least distance of two rows, ms: the window of a granted form that is nowhere told. */
function distanceOf(rows: readonly HistoryRow[]): number {
  let least = Infinity;
  for (let i = 1; i < rows.length; i++) least = Math.min(least, rows[i]![0] - rows[i - 1]![0]);
  return Number.isFinite(least) ? least : 0;
}

/** What a counter counted from row to row; null where one of the two is missing. */
function differences(rows: readonly HistoryRow[]): HistoryRow[] {
  return rows.slice(1).map(([t, value], i) => {
    const before = rows[i]![1];
    return [t, typeof value === 'number' && typeof before === 'number' ? value - before : null];
  });
}
