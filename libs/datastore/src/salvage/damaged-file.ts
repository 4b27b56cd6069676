import Database from 'better-sqlite3';
import type { DatabaseKind, Sqlite } from '../database/database.js';
import { mendSchema, schemaPagesOf, type SchemaPages } from '../database/schema-copy.js';
import { addRowSum } from '../database/row-sum.js';
import { where } from './table-scan.js';

/** Opens a file that was set aside, its schema mended where that is damaged; undefined where nothing can be read. */
export function openDamaged(path: string, kind: DatabaseKind): Sqlite | undefined {
  mendSchema(path, () => emptySchema(kind));
  return where(() => {
    const db = new Database(path, { fileMustExist: true, timeout: 0 });
    addRowSum(db);
    return db;
  });
}

/** The schema of an empty file: where there is no copy, tables are likely to begin where they do in it. */
function emptySchema({ steps, shrinks }: DatabaseKind): SchemaPages {
  const empty = new Database(':memory:');
  try {
    if (shrinks) empty.pragma('auto_vacuum = INCREMENTAL');
    addRowSum(empty);
    for (const step of steps) empty.exec(step);
    empty.pragma(`user_version = ${steps.length}`);
    return schemaPagesOf(empty.serialize());
  } finally {
    empty.close();
  }
}
