import { isSmxError, SmxError, type EventRecord, type NewEvent } from '@smx-edge/model';
import { join } from 'node:path';
import { CatalogueTable } from '../database/catalogue-table.js';
import { openOrReplace, type Sqlite } from '../database/database.js';
import { EventTable } from '../database/event-table.js';
import { LedgerTable } from '../database/ledger-table.js';
import { PrincipalTable } from '../database/principal-table.js';
import { SegmentTable } from '../database/segment-table.js';
import { StateTable } from '../database/state-table.js';
import type { Gap } from '../journal/gap.js';
import { JournalSource } from '../journal/journal-source.js';
import { Journal } from '../journal/journal.js';
import { gapEvent } from './gap-event.js';
import { HistoryJobs } from './history-jobs.js';
import type { Opened, WorkerOptions } from './protocol.js';

/** Everything the store's thread has open: tables, journal, history. One of it per thread. */
export class StoreThread {
  readonly db: Sqlite;
  readonly epoch: number;
  readonly catalogue: CatalogueTable;
  readonly events: EventTable;
  readonly principals: PrincipalTable;
  readonly ledger: LedgerTable;
  readonly state: StateTable;
  readonly segments: SegmentTable;
  readonly journal: Journal;
  readonly jobs: HistoryJobs;
  /** The first handle that nobody was ever told. */
  private readonly first: number;
  /** Gaps not yet in the database. */
  private gaps: Gap[] = [];

  constructor(private readonly options: WorkerOptions) {
    const { folder, now, zone, raw, budget } = options;
    const { db, epoch, setAside } = openOrReplace(folder, now);
    this.db = db;
    this.epoch = epoch;
    this.catalogue = new CatalogueTable(db);
    this.events = new EventTable(db);
    this.principals = new PrincipalTable(db);
    this.ledger = new LedgerTable(db);
    this.state = new StateTable(db);
    this.segments = new SegmentTable(db);
    // what is not kept of a repair is found again at the next start
    let keep = whereItCan;
    const onGap = (gap: Gap): void => void this.gaps.push(gap);
    const journal = join(folder, 'journal');
    this.journal = new Journal({
      folder: journal,
      epoch,
      raw,
      budget,
      onGap,
      index: {
        sealed: () => this.segments.all(),
        lastSeq: () => this.segments.lastSeq(),
        put: (segment) => keep(() => this.segments.put(segment)),
        remove: (seq) => keep(() => this.segments.remove(seq)),
      },
    });
    this.journal.start();
    keep = (work) => work();
    const source = new JournalSource({ folder: journal, segments: this.journal.segments, onGap });
    this.jobs = new HistoryJobs({
      source,
      zone,
      definition: (handle) => this.catalogue.definition(handle),
    });
    this.first = this.catalogue.first();
    whereItCan(() => this.catalogue.reserve(this.first));
    if (setAside !== undefined) whereItCan(() => void this.events.add(damageEvent(setAside, now)));
  }

  opened(): Opened {
    return {
      epoch: this.epoch,
      ...this.catalogue.all(),
      first: this.first,
      principals: this.principals.all(),
      ledgerHead: this.ledger.head,
    };
  }

  get hasGaps(): boolean {
    return this.gaps.length > 0;
  }

  /** Puts gaps into the database, within the caller's transaction; the events that tell of them are returned. */
  recordGaps(now: number): EventRecord[] {
    const told: EventRecord[] = [];
    for (const gap of this.gaps) {
      this.segments.addGap(now, gap);
      const event = gapEvent(gap, now);
      if (event !== undefined) told.push(this.events.add(event));
    }
    return told;
  }

  gapsRecorded(): void {
    this.gaps = [];
  }

  addGap(gap: Gap): void {
    this.gaps.push(gap);
  }

  close(now: number): void {
    try {
      this.journal.close(now);
      // while points wait for the disk their ids stay reserved
      if (!this.journal.blocked) this.catalogue.settle();
    } finally {
      this.db.close();
    }
  }
}

function damageEvent(setAside: string, now: number): NewEvent {
  return {
    t: now,
    path: 'box',
    code: 'SMX_STORE_DAMAGED',
    severity: 'critical',
    state: 'once',
    text: `The database was damaged and set aside as ${setAside}; a new epoch begins, tokens and state of instances are gone.`,
    data: { setAside },
  };
}

/** Does what may be done later as well: a full disk must not keep the box from starting. */
function whereItCan(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (storeError(error).code !== 'SMX_STORE_FAILED') throw error;
  }
}

/** What a request failed of, as a code: an error of the store itself means it could not write. */
export function storeError(error: unknown): SmxError {
  if (isSmxError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new SmxError('SMX_STORE_FAILED', `the store could not read or write: ${message}`, { cause: error });
}
