import { BAD, GOOD, type HistoryValue, type RowBatch } from '@smx-edge/model';

/** Values of windows in one batch. */
export const MOST_VALUES = 10_000;
/** Bytes of the rows of one batch as JSON, about: brokers of clouds refuse packets above 128 KiB. */
export const MOST_BYTES = 96 * 1024;
/** A time, a number and a null in that, each with its comma. */
const TIME_BYTES = 7;
const VALUE_BYTES = 9;
const NULL_BYTES = 5;
/** The mark of a value that is not good. */
const MARK_BYTES = 16;

export type Rows = Pick<RowBatch, 't' | 'dt' | 'id' | 'r' | 'q'>;

interface Cell {
  readonly handle: number;
  readonly value: HistoryValue;
  readonly quality: number;
}

/** Puts samples of many points into rows by time: one row per time, a second where a point speaks twice of it. */
export class RowSet {
  private values = 0;
  private texts = 0;
  private readonly handles = new Set<number>();
  private readonly rows: { readonly t: number; readonly cells: Map<number, Cell> }[] = [];
  private readonly byTime = new Map<number, number>();

  get isEmpty(): boolean {
    return this.rows.length === 0;
  }

  /** What it takes as JSON, about: a point has a place in each row, also where it did not speak. */
  get bytes(): number {
    const places = this.rows.length * this.handles.size;
    return this.rows.length * TIME_BYTES + this.values * VALUE_BYTES + (places - this.values) * NULL_BYTES + this.texts;
  }

  add(t: number, cell: Cell): void {
    const { handle, value } = cell;
    const known = this.byTime.get(t);
    let row = known === undefined ? undefined : this.rows[known];
    if (row === undefined || row.cells.has(handle)) {
      row = { t, cells: new Map() };
      this.byTime.set(t, this.rows.push(row) - 1);
    }
    // without a quality a null would read as nothing said
    row.cells.set(handle, value === null && cell.quality === GOOD ? { ...cell, quality: BAD } : cell);
    this.handles.add(handle);
    this.values++;
    if (cell.quality !== GOOD) this.texts += MARK_BYTES;
    if (typeof value === 'string') this.texts += value.length;
    else if (typeof value === 'object' && value !== null) this.texts += value.length * VALUE_BYTES;
  }

  /** All rows in order of time, those of one time in order of commit. */
  take(dt?: number): Rows {
    const rows = this.rows.map((row, order) => ({ ...row, order })).sort((a, b) => a.t - b.t || a.order - b.order);
    const id = [...new Set(rows.flatMap(({ cells }) => [...cells.keys()]))].sort((a, b) => a - b);
    const q = rows.flatMap(({ cells }, row) =>
      [...cells.values()]
        .filter(({ quality }) => quality !== GOOD)
        .map(({ handle, quality }) => ({ id: handle, row, quality })),
    );
    return {
      t: rows.map(({ t }) => t),
      ...(dt === undefined ? {} : { dt }),
      id,
      r: rows.map(({ cells }) => id.map((handle) => cells.get(handle)?.value ?? null)),
      q,
    };
  }
}

/** Rows without some points, and without the times at which no other point spoke. */
export function without(rows: Rows, gone: ReadonlySet<number>): Rows {
  const { t, dt, id, r, q } = rows;
  const columns = id.map((handle, i) => ({ handle, i })).filter(({ handle }) => !gone.has(handle));
  const marked = new Set(q.map((mark) => `${mark.id}/${mark.row}`));
  const kept = [...t.keys()].filter(
    (row) => dt !== undefined || columns.some(({ handle, i }) => r[row]![i] !== null || marked.has(`${handle}/${row}`)),
  );
  const place = new Map(kept.map((row, i) => [row, i]));
  return {
    ...(dt === undefined ? {} : { dt }),
    t: columns.length === 0 ? [] : kept.map((row) => t[row]!),
    id: columns.map(({ handle }) => handle),
    r: columns.length === 0 ? [] : kept.map((row) => columns.map(({ i }) => r[row]![i]!)),
    q: q.flatMap((mark) => {
      const row = gone.has(mark.id) ? undefined : place.get(mark.row);
      return row === undefined ? [] : [{ ...mark, row }];
    }),
  };
}
