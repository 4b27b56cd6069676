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
  /** Its points came back into an empty catalogue. */
  readonly adopted?: boolean;
}

export interface OpenHistoryOptions {
  /** The data folder. */
  readonly folder: string;
  readonly epoch: number;
  readonly now: number;
  readonly store: Sqlite;
  readonly catalogue: CatalogueTable;
}

/** Has the next opening set the file of history aside. */
export function suspectHistory(folder: string): void {
  writeFileSync(join(folder, SUSPECT), '');
}

/**
 * Opens the file of history. Where it is damaged a new one takes its place. Where it is of another epoch, because the
 * database of the store was lost, its points come back as removed ones under their old handles, and all samples with them;
 * beside a catalogue that has points of its own its handles mean others, so it is set aside.
 */
export function openHistory(options: OpenHistoryOptions): OpenHistory {
  const { folder, epoch, now, catalogue } = options;
  if (existsSync(join(folder, SUSPECT))) {
    const setAside = setDatabaseAside(folder, HISTORY, `damaged-${now}`);
    rmSync(join(folder, SUSPECT));
    return { db: openDatabase(folder, HISTORY, epoch).db, setAside };
  }
  const opened = openOrReplace(folder, HISTORY, epoch);
  if (opened.epoch === epoch) return opened;
  if (catalogue.isEmpty) {
    adopt(opened.db, options);
    return { db: opened.db, adopted: true };
  }
  opened.db.close();
  const setAside = setDatabaseAside(folder, HISTORY, `epoch-${opened.epoch}-${now}`);
  return { db: openDatabase(folder, HISTORY, epoch).db, setAside };
}

function adopt(history: Sqlite, { folder, epoch, store, catalogue }: OpenHistoryOptions): void {
  const points = new PointTable(history).all();
  store.transaction(() => {
    for (const point of points) catalogue.put(point, true);
    // samples may be there of points that were declared last and are not in history yet
    catalogue.skip();
  })();
  const journal = join(folder, 'journal');
  if (existsSync(journal))
    for (const name of readdirSync(journal)) if (segmentSeq(name) !== undefined) writeEpoch(join(journal, name), epoch);
  writeMeta(history, 'epoch', String(epoch));
}
