import Database from 'better-sqlite3';
import { addRowSum } from './row-sum.js';

type Sqlite = Database.Database;

/** What is held against what; see `DatabaseKind`. */
interface Held {
  readonly steps: readonly string[];
  readonly checked: readonly string[] | 'all';
  readonly judged: readonly string[];
}

/** Up to this size indexes are held against their tables too: larger ones would not open within seconds on a card. */
const LARGEST_READ = 64 * 2 ** 20;

/** Whether nothing of this software is in it yet. */
export const isNew = (db: Sqlite): boolean => Number(db.pragma('user_version', { simple: true })) === 0;

/** What SQLite finds wrong with pages and, in a file that is not large, with indexes; undefined where nothing is. */
export function structureFault(db: Sqlite, { checked }: Pick<Held, 'checked'>): string | undefined {
  const size = Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }));
  const check = size <= LARGEST_READ || checked !== 'all' ? 'integrity_check' : 'quick_check';
  for (const question of checked === 'all' || isNew(db) ? ['1'] : checked) {
    const found = db.pragma(`${check}(${question})`, { simple: true });
    if (found !== 'ok') return String(found);
  }
  return undefined;
}

const SCHEMA = 'SELECT type, name, tbl_name AS "table", sql FROM sqlite_schema ORDER BY type, name';

const schemaOf = (db: Sqlite): string => JSON.stringify(db.prepare(SCHEMA).all());

/** What steps make, which takes as long as all else of an opening. */
const made = new WeakMap<readonly string[], string>();

function schemaOfSteps(steps: readonly string[]): string {
  const known = made.get(steps);
  if (known !== undefined) return known;
  const db = new Database(':memory:');
  try {
    addRowSum(db);
    for (const step of steps) db.exec(step);
    const schema = schemaOf(db);
    made.set(steps, schema);
    return schema;
  } finally {
    db.close();
  }
}

/** Whether tables and indexes are to the letter what the steps make; where not, a name or a condition is another. */
export function schemaFault(db: Sqlite, { steps }: Pick<Held, 'steps'>): string | undefined {
  return schemaOfSteps(steps) === schemaOf(db) ? undefined : 'its schema is another';
}

/** A table that has a row which is not what was written; undefined where none has. */
export function rowFault(db: Sqlite, { judged }: Pick<Held, 'judged'>): string | undefined {
  const table = judged.find(
    (name) => db.prepare(`SELECT 1 FROM ${name} WHERE sound IS NOT 1 LIMIT 1`).get() !== undefined,
  );
  return table === undefined ? undefined : `a row of ${table} is not what was written`;
}
