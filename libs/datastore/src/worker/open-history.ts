import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CatalogueTable } from '../database/catalogue-table.js';
import {
  HISTORY,
  openDatabase,
  openOrReplace,
  setDatabaseAside,
  writeMeta,
  type Sqlite,
} from '../database/database.js';
import { PointTable } from '../database/point-table.js';
import { segmentSeq, writeEpoch } from '../journal/segment.js';

/** Stands beside the file of history where that was found damaged while it was in use. */
const SUSPECT = `${HISTORY.file}.suspect`;

export interface OpenHistory {
  readonly db: Sqlite;
  /** Name of the file that was set aside, where one was. */
  readonly setAside?: string;
  /** It was of the epoch before, and counts for this one now. */
  readonly adopted?: boolean;
}

export interface OpenHistoryOptions {
  /** The data folder. */
  readonly folder: string;
  readonly epoch: number;
  /** Epoch of the store that this one was begun from, where that is known. */
  readonly former: number | undefined;
  readonly now: number;
  readonly store: Sqlite;
  readonly catalogue: CatalogueTable;
}

/** Has the next opening set the file of history aside. */
export function suspectHistory(folder: string): void {
  writeFileSync(join(folder, SUSPECT), '');
}

/**
 * Opens the file of history. Where it is damaged a new one takes its place. Points that only it knows come back as removed
 * ones under their old handles, and all samples with them; also where it is of another epoch because the database of the
 * store was lost. Beside a catalogue that has points of its own its handles mean others, so it is set aside.
 */
export function openHistory(options: OpenHistoryOptions): OpenHistory {
  const { folder, epoch, former, now, store, catalogue } = options;
  if (existsSync(join(folder, SUSPECT))) {
    const setAside = setDatabaseAside(folder, HISTORY, `damaged-${now}`);
    rmSync(join(folder, SUSPECT));
    return { db: openDatabase(folder, HISTORY, epoch).db, setAside };
  }
  const opened = openOrReplace(folder, HISTORY, epoch);
  if (opened.epoch === epoch) {
    store.transaction(() => putMissing(opened.db, catalogue))();
    return opened;
  }
  if (catalogue.isEmpty || opened.epoch === former) {
    adopt(opened.db, options);
    return { db: opened.db, adopted: true };
  }
  opened.db.close();
  const setAside = setDatabaseAside(folder, HISTORY, `epoch-${opened.epoch}-${now}`);
  return { db: openDatabase(folder, HISTORY, epoch).db, setAside };
}

function adopt(history: Sqlite, { folder, epoch, store, catalogue }: OpenHistoryOptions): void {
  store.transaction(() => {
    putMissing(history, catalogue);
    // samples may be there of points that were declared last and are not in history yet
    catalogue.skip();
  })();
  const journal = join(folder, 'journal');
  if (existsSync(journal))
    for (const name of readdirSync(journal)) if (segmentSeq(name) !== undefined) writeEpoch(join(journal, name), epoch);
  writeMeta(history, 'epoch', String(epoch));
}

/** Puts points that history knows and the catalogue does not into that. */
function putMissing(history: Sqlite, catalogue: CatalogueTable): void {
  for (const point of new PointTable(history).all())
    if (catalogue.definition(point.handle) === undefined) catalogue.put(point, true);
}
