import Database from 'better-sqlite3';
import type { Sqlite } from '../database/database.js';

export type Row = Readonly<Record<string, string | number | Buffer | null>>;

/** Rows that nobody can count the end of are looked for so far ahead. */
const AHEAD = 2 ** 20;

/** So many places in a row without anything to read are taken for all of it: below a damaged page there may be millions. */
const MOST_IN_VAIN = 512;

/** What a scan came to. */
export interface Scanned {
  /** False where a part could not be read, or held a row that is not what was written. */
  isWhole: boolean;
}

interface Column {
  readonly name: string;
  /** Place in the primary key from 1 on; 0 = none. */
  readonly pk: number;
  /** 2 and 3: generated. */
  readonly hidden: number;
}

/**
 * All rows of a table of a damaged file that can be read and are what was written, with breaths in between. The table is
 * walked from leaf to leaf and never by its indexes: forwards to the first page that cannot be read, backwards to the
 * last, and between them by halves where rows have a number. A row may come twice.
 */
export function* scanTable(db: Sqlite, table: string, scanned: Scanned): Generator<Row | undefined, void> {
  const scan = where(() => (hasTable(db, table) ? new TableScan(db, table) : undefined));
  if (scan === undefined) scanned.isWhole = false;
  else yield* scan.rows(scanned);
}

/** A file of an earlier version has fewer tables. */
function hasTable(db: Sqlite, table: string): boolean {
  return db.prepare<[string]>("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table) !== undefined;
}

class TableScan {
  private readonly select: string;
  private readonly hasRowid: boolean;
  private readonly keys: readonly string[];

  constructor(
    private readonly db: Sqlite,
    private readonly table: string,
  ) {
    const columns = db.prepare<[string], Column>('SELECT name, pk, hidden FROM pragma_table_xinfo(?)').all(table);
    const { withoutRowid } = db
      .prepare<[string], { withoutRowid: number }>('SELECT wr AS withoutRowid FROM pragma_table_list(?)')
      .get(table)!;
    this.hasRowid = withoutRowid === 0;
    this.keys = this.hasRowid
      ? ['rowid']
      : columns
          .filter(({ pk }) => pk > 0)
          .sort((a, b) => a.pk - b.pk)
          .map(({ name }) => name);
    const names = columns.filter(({ hidden }) => hidden === 0).map(({ name }) => name);
    const rowid = this.hasRowid ? 'rowid AS scanned_rowid, ' : '';
    // chunks prove themselves by what is in them
    const sound = columns.some(({ name }) => name === 'sound') ? 'sound' : '1';
    this.select = `SELECT ${rowid}${sound} AS scanned_sound, ${names.join(', ')} FROM ${table}`;
  }

  *rows(scanned: Scanned): Generator<Row | undefined, void> {
    const first = yield* this.walk({ scanned });
    if (first.isDone) return;
    scanned.isWhole = false;
    const last = yield* this.walk({ scanned, back: true });
    if (last.isDone || !this.hasRowid) return;
    const from = first.rowid ?? 0;
    yield* this.between(from, last.rowid ?? Math.max(this.sequence(), from) + AHEAD, scanned);
  }

  /** Rows with a number above the one and below the other, the largest ranges first. */
  private *between(from: number, to: number, scanned: Scanned): Generator<Row | undefined, void> {
    const ranges = [[from, to] as const];
    let vain = 0;
    for (let i = 0; i < ranges.length && vain < MOST_IN_VAIN; i++) {
      yield undefined;
      const [above, below] = ranges[i]!;
      const forth = yield* this.walk({ scanned, above, below });
      const low = forth.rowid ?? above;
      const back = forth.isDone ? forth : yield* this.walk({ scanned, above: low, below, back: true });
      vain = forth.rowid === undefined && back.rowid === undefined ? vain + 1 : 0;
      const high = back.rowid ?? below;
      const middle = Math.floor((low + high) / 2);
      if (!back.isDone && middle > low && middle < high - 1) ranges.push([low, middle + 1], [middle, high]);
    }
  }

  /** Walks until the end or to what cannot be read; tells which, and the last row it came to. */
  private *walk(o: {
    scanned: Scanned;
    above?: number;
    below?: number;
    back?: boolean;
  }): Generator<Row | undefined, { isDone: boolean; rowid: number | undefined }> {
    const { scanned, above, below, back = false } = o;
    let rowid: number | undefined;
    const bounds = above === undefined ? '' : ` WHERE rowid > ${above} AND rowid < ${below}`;
    const order = this.keys.map((key) => `${key} ${back ? 'DESC' : 'ASC'}`).join(', ');
    const from = this.hasRowid ? ' NOT INDEXED' : '';
    const rows = where(() => this.db.prepare<[], Row>(`${this.select}${from}${bounds} ORDER BY ${order}`).iterate());
    if (rows === undefined) return { isDone: false, rowid };
    try {
      for (;;) {
        const step = where(() => rows.next());
        if (step === undefined) return { isDone: false, rowid };
        if (step.done === true) return { isDone: true, rowid };
        const { scanned_rowid: at, scanned_sound: sound, ...row } = step.value;
        if (typeof at === 'number') rowid = at;
        if (sound === 1) yield row;
        else scanned.isWhole = false;
      }
    } finally {
      where(() => rows.return?.());
    }
  }

  /** The highest number ever given, as far as that can be read. */
  private sequence(): number {
    const row = where(() =>
      this.db.prepare<[string], { seq: number }>('SELECT seq FROM sqlite_sequence WHERE name = ?').get(this.table),
    );
    return Number.isSafeInteger(row?.seq) ? row!.seq : 0;
  }
}

/** What a damaged file says, undefined where it cannot be read. */
export function where<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Database.SqliteError) return undefined;
    throw error;
  }
}
