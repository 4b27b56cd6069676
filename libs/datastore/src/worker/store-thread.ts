import { isSmxError, SmxError, Zone, type EventRecord, type NewEvent } from '@smx-edge/model';
import { CatalogueTable } from '../database/catalogue-table.js';
import { CommandTable } from '../database/command-table.js';
import { openOrReplace, readMeta, STORE, type Sqlite } from '../database/database.js';
import { EventTable } from '../database/event-table.js';
import { Evidence } from '../database/evidence.js';
import { GapTable } from '../database/gap-table.js';
import { LaneRecordTable } from '../database/lane-record-table.js';
import { LaneTable } from '../database/lane-table.js';
import { PrincipalTable } from '../database/principal-table.js';
import { StateTable } from '../database/state-table.js';
import type { Gap } from '../journal/gap.js';
import type { Journal } from '../journal/journal.js';
import { LaneBook } from '../lane/lane-book.js';
import { gapEvent } from './gap-event.js';
import { Historian } from './historian.js';
import { HistoryJobs } from './history-jobs.js';
import type { Opened, WorkerOptions } from './protocol.js';

/** Part of the budget that files of events may take beside it. */
const FILE_SHARE = 16;

/** Everything the store's thread has open: tables, journal, history. One of it per thread. */
export class StoreThread {
  readonly db: Sqlite;
  readonly epoch: number;
  readonly catalogue: CatalogueTable;
  readonly commands: CommandTable;
  readonly events: EventTable;
  readonly principals: PrincipalTable;
  readonly state: StateTable;
  /** Ledger, load profiles and files of events. */
  readonly evidence: Evidence;
  readonly historian: Historian;
  readonly jobs: HistoryJobs;
  lanes: LaneBook;
  /** The first handle that nobody was ever told. */
  private readonly first: number;
  /** Made when the first windows are asked for: it brings a megabyte of calendar with it. */
  private zone: Zone | undefined;
  /** Gaps not yet in the database. */
  private gaps: Gap[] = [];
  private readonly gapTable: GapTable;

  constructor(private readonly options: WorkerOptions) {
    const { folder, now, raw, budget } = options;
    const { db, epoch, setAside } = openOrReplace(folder, STORE, now);
    this.db = db;
    this.epoch = epoch;
    this.catalogue = new CatalogueTable(db);
    this.commands = new CommandTable(db);
    this.principals = new PrincipalTable(db);
    this.evidence = new Evidence(db, { folder, quota: budget / FILE_SHARE });
    const { files, keys, shelf } = this.evidence;
    if (setAside !== undefined) whereItCan(() => shelf.setAside(setAside));
    whereItCan(() => files.sweep());
    whereItCan(() => void keys.open(now));
    this.events = new EventTable(db, files);
    this.state = new StateTable(db);
    this.gapTable = new GapTable(db);
    const onGap = (gap: Gap): void => void this.gaps.push(gap);
    const lastSeq = Number(readMeta(db, 'segment') ?? 0);
    this.historian = new Historian({ folder, epoch, now, raw, budget, lastSeq, onGap, whereItCan });
    this.jobs = new HistoryJobs({
      source: this.historian.source,
      zone: () => this.localZone(),
      definition: (handle) => this.catalogue.definition(handle),
    });
    this.lanes = this.openLanes();
    this.first = this.catalogue.first();
    whereItCan(() => this.catalogue.reserve(this.first));
    const aside = { [STORE_LOST]: setAside, [HISTORY_LOST]: this.historian.setAside };
    for (const [lost, name] of Object.entries(aside))
      if (name !== undefined) whereItCan(() => void this.events.add(damageEvent(name, lost, now)));
  }

  opened(): Opened {
    return {
      epoch: this.epoch,
      ...this.catalogue.all(),
      first: this.first,
      principals: this.principals.all(),
      profiles: this.evidence.profiles.all(),
      ledgerHead: this.evidence.ledger.head,
    };
  }

  get journal(): Journal {
    return this.historian.journal;
  }

  get hasGaps(): boolean {
    return this.gaps.length > 0;
  }

  /** Whether there is something to write that nobody asked for. */
  hasNews(now: number): boolean {
    return this.hasGaps || this.evidence.isSealDue(now);
  }

  /** Puts gaps and news into the database, within the caller's transaction; the events that tell of them are returned. */
  recordNews(now: number): EventRecord[] {
    const told: EventRecord[] = [];
    for (const event of this.evidence.news.events()) told.push(this.events.add(event));
    for (const gap of this.gaps) {
      this.gapTable.add(now, gap);
      const event = gapEvent(gap, now);
      if (event !== undefined) told.push(this.events.add(event));
    }
    return told;
  }

  /** The transaction is committed. */
  newsRecorded(): void {
    this.gaps = [];
    this.evidence.news.settle();
    // a file that cannot be taken away now is taken at the next start
    whereItCan(() => this.evidence.files.settle());
  }

  /** The transaction came to nothing. */
  rolledBack(): void {
    this.evidence.rolledBack();
    this.catalogue.reload();
    this.lanes = this.openLanes();
  }

  addGap(gap: Gap): void {
    this.gaps.push(gap);
  }

  private localZone(): Zone {
    this.zone ??= new Zone(this.options.zone);
    return this.zone;
  }

  /** Streams as the database has them. */
  private openLanes(): LaneBook {
    const source = this.historian.commits();
    return new LaneBook({
      table: new LaneTable(this.db),
      records: new LaneRecordTable(this.db),
      context: { source, zone: () => this.localZone() },
    });
  }

  close(now: number): void {
    try {
      this.historian.close(now);
      if (this.lanes.isDirty) this.db.transaction(() => this.lanes.keep(now))();
      // while points wait for the disk their ids stay reserved
      if (!this.journal.blocked) this.catalogue.settle();
    } finally {
      this.db.close();
    }
  }
}

const STORE_LOST = 'a new epoch begins, tokens and state of instances are gone';
const HISTORY_LOST = 'samples that were sealed in it are missing';

function damageEvent(setAside: string, lost: string, now: number): NewEvent {
  return {
    t: now,
    path: 'box',
    code: 'SMX_STORE_DAMAGED',
    severity: 'critical',
    state: 'once',
    text: `A database was damaged or of another epoch and set aside as ${setAside}; ${lost}.`,
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
