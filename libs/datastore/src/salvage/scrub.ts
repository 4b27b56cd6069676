import type { NewEvent } from '@smx-edge/model';
import { STORE, type Sqlite } from '../database/database.js';
import { RowDamage } from '../database/row-sum.js';

/** Rows judged between two breaths. */
const PAGE = 200;

/** Tables of which a damaged row is left out where it is read; the store goes on as it is. */
const LEFT_OUT = ['ledger', 'profile_rows'];
type LeftOut = Readonly<Record<string, number>>;

/**
 * Holds every row of the store against its sum, with breaths in between, so that damage is found that nobody reads. Gives
 * how many are left out, by table. Throws `RowDamage` where the store can be begun anew without a row.
 */
export function* scrub(db: Sqlite): Generator<undefined, LeftOut> {
  for (const table of STORE.judged) if ((yield* count(db, table)) > 0) throw new RowDamage(table);
  const found: Record<string, number> = {};
  for (const table of LEFT_OUT) found[table] = yield* count(db, table);
  return found;
}

interface Page {
  readonly n: number;
  readonly bad: number;
  readonly last: number | null;
}

/** Rows that are not what was written. */
function* count(db: Sqlite, table: string): Generator<undefined, number> {
  const wr = db.prepare<[string], { wr: number }>('SELECT wr FROM pragma_table_list(?)').get(table)!.wr;
  if (wr === 1)
    // tables by a key of their own stay small
    return db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${table} WHERE sound IS NOT 1`).get()!.n;
  const page = db.prepare<[number], Page>(
    `SELECT count(*) AS n, coalesce(sum(sound IS NOT 1), 0) AS bad, max(at) AS last
     FROM (SELECT rowid AS at, sound FROM ${table} WHERE rowid > ? ORDER BY rowid LIMIT ${PAGE})`,
  );
  let bad = 0;
  for (let last: number | null = 0; last !== null;) {
    const found: Page = page.get(last)!;
    bad += found.bad;
    last = found.n < PAGE ? null : found.last;
    yield undefined;
  }
  return bad;
}

/** Tells of rows that are left out from now on; undefined where there are none. */
export function leftOutEvent(found: LeftOut, t: number): NewEvent | undefined {
  if (Object.values(found).every((n) => n === 0)) return undefined;
  const { ledger = 0, profile_rows: rows = 0 } = found;
  return {
    ...{ t, path: 'box', code: 'SMX_STORE_DAMAGED', severity: 'alarm', state: 'once' },
    text: `${rows} rows of load profiles and ${ledger} entries of the ledger are damaged on disk and left out.`,
    data: { leftOut: found },
  };
}
