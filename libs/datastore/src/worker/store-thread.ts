import { Zone, type EventRecord, type LivePoint, type NewEvent } from '@smx-edge/model';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dropStages, stageBackup, type Staged } from '../backup/stage.js';
import { CatalogueTable } from '../database/catalogue-table.js';
import { CommandTable } from '../database/command-table.js';
import { FILES, readMeta, type Sqlite } from '../database/database.js';
import { EventTable } from '../database/event-table.js';
import { Evidence } from '../database/evidence.js';
import { GapTable } from '../database/gap-table.js';
import { LaneRecordTable } from '../database/lane-record-table.js';
import { LaneTable } from '../database/lane-table.js';
import { PrincipalTable } from '../database/principal-table.js';
import { StateTable } from '../database/state-table.js';
import type { Erased } from '../chunk/eraser.js';
import { historyDamage, historySalvaged, storeDamage, storeSalvaged } from '../salvage/salvage-events.js';
import { salvagePending, salvageStore } from '../salvage/salvage-store.js';
import { leftOutEvent, scrub } from '../salvage/scrub.js';
import type { Gap } from '../journal/gap.js';
import type { Journal } from '../journal/journal.js';
import { journalledAcks } from '../lane/ack-notes.js';
import { LaneBook } from '../lane/lane-book.js';
import { Ballast } from './ballast.js';
import type { Chore } from './chores.js';
import { FolderWatch, mustBeUsable, mustTakeWrites, refuseOther } from './folder-watch.js';
import { gapEvent } from './gap-event.js';
import { Historian } from './historian.js';
import { HistoryJobs } from './history-jobs.js';
import { openHistory, suspectHistory } from './open-history.js';
import { openStore, suspectStore } from './open-store.js';
import type { Left, Opened, WorkerOptions } from './protocol.js';
import { ProvenClock } from './proven-clock.js';
import { quotaOf, QuotaWatch, type Usage } from './quota.js';
import { whereItCan } from './store-error.js';
import { tidyHeap } from './tidy-heap.js';

/** Part of the budget that files of events may take beside it. */
const FILE_SHARE = 16;
const DAY = 86_400_000;
/** What damage, another epoch or a restoring has set aside in the data folder. */
const ASIDE = /^(store\.db|history\.db|files)\.(.*\.)?(damaged|epoch)-|^before-restore-/;

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
  readonly ballast: Ballast;
  readonly watch: FolderWatch;
  readonly clock = new ProvenClock();
  private readonly quotas: QuotaWatch;
  readonly jobs: HistoryJobs;
  lanes: LaneBook;
  /** The first handle that nobody was ever told. */
  private readonly first: number;
  /** Made when the first windows are asked for: it brings a megabyte of calendar with it. */
  private zone: Zone | undefined;
  /** Gaps not yet in the database. */
  private gaps: Gap[] = [];
  /** What came back of damaged files, not yet told. */
  private salvaged: ((now: number) => NewEvent)[] = [];
  private readonly gapTable: GapTable;
  /** When all rows were last held against their sums; they are a first time soon after the opening. */
  private scrubbed = -Infinity;

  constructor(private readonly options: WorkerOptions) {
    const { folder, now, raw, minutes, keep, again } = options;
    // a store that is begun in the place of one that is gone would take what belongs to that
    if (again !== undefined) mustBeUsable(folder);
    else mustTakeWrites(folder);
    this.ballast = new Ballast(folder);
    this.ballast.relieve();
    whereItCan(() => dropStages(folder));
    const budget = quotaOf(folder, options.budget);
    const { db, epoch, setAside, carried } = openStore(folder, now);
    if (again !== undefined && again.epoch !== epoch && carried === undefined) refuseOther(folder, db);
    this.db = db;
    this.watch = new FolderWatch(folder);
    this.epoch = epoch;
    this.catalogue = new CatalogueTable(db);
    this.commands = new CommandTable(db);
    this.principals = new PrincipalTable(db);
    this.evidence = new Evidence(db, { folder, quota: budget / FILE_SHARE });
    const { files, keys } = this.evidence;
    whereItCan(() => files.sweep(carried?.short.includes('event_files') === true ? setAside : undefined));
    whereItCan(() => void keys.open(now));
    this.events = new EventTable(db, files);
    this.state = new StateTable(db);
    this.gapTable = new GapTable(db);
    const onGap = (gap: Gap): void => void this.gaps.push(gap);
    const lastSeq = Number(readMeta(db, 'segment') ?? 0);
    const history = openHistory({ folder, epoch, former: carried?.former, now, store: db, catalogue: this.catalogue });
    this.historian = new Historian({
      ...{
        folder,
        db: history.db,
        store: db,
        epoch,
        now,
        raw,
        minutes,
        keep,
        budget,
        lastSeq,
        cut: again?.cut,
        onGap,
        whereItCan,
      },
      // the work that leaves most garbage behind
      onSealed: tidyHeap,
      onSalvaged: (found) => void this.salvaged.push((t) => historySalvaged(found, t)),
    });
    const { points, removed } = this.catalogue.all();
    whereItCan(() => this.historian.keepPoints([...points, ...removed]));
    this.jobs = new HistoryJobs({
      source: this.historian.source,
      windows: this.historian.windows,
      zone: () => this.localZone(),
      definition: (handle) => this.catalogue.definition(handle),
    });
    this.quotas = new QuotaWatch(db, budget);
    this.lanes = this.openLanes();
    this.first = this.catalogue.first();
    whereItCan(() => this.catalogue.reserve(this.first));
    const told = [
      ...(carried === undefined ? [] : [storeDamage(setAside!, carried, now)]),
      ...(history.setAside === undefined ? [] : [historyDamage(history.setAside, now)]),
    ];
    for (const event of told) whereItCan(() => void this.events.add(event));
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
    return this.gaps.length > 0 || this.salvaged.length > 0 || this.historian.copy.isBehind;
  }

  /** What is used of the quota, where that is news. */
  usage(): Usage | undefined {
    return this.quotas.look(this.historian.used);
  }

  /** Whether there is something to write that nobody asked for. */
  hasNews(now: number): boolean {
    return this.hasGaps || this.evidence.isSealDue(now) || this.quotas.isNews;
  }

  /** Puts gaps and news into the database, within the caller's transaction; the events that tell of them are returned. */
  recordNews(now: number): EventRecord[] {
    const told: EventRecord[] = [];
    for (const event of this.evidence.news.events()) told.push(this.events.add(event));
    for (const event of this.salvaged) told.push(this.events.add(event(now)));
    this.historian.copy.write();
    if (this.quotas.isNews) told.push(this.events.add(this.quotas.event(now)));
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
    this.salvaged = [];
    this.historian.copy.written();
    this.quotas.settle();
    this.evidence.news.settle();
    if (!this.lanes.isDirty) this.lanes.acks.clear();
    // a file that cannot be taken away now is taken at the next start
    whereItCan(() => this.evidence.files.settle());
  }

  /** The transaction came to nothing. */
  rolledBack(): void {
    this.quotas.settle();
    this.evidence.rolledBack();
    this.catalogue.reload();
    this.reopenLanes();
  }

  /** Makes samples durable, and what was acknowledged along with them; `upTo`: see `Journal.sync`. */
  sync(now: number, upTo: number): void {
    const { lanes, journal, epoch } = this;
    const note = lanes.acks.note(epoch);
    if (journal.sync(now, { wantsMark: lanes.wantsMark(now), upTo, note })) lanes.acks.clear();
    else lanes.acks.isOverdue = !lanes.acks.isEmpty;
  }

  /** The part of an erasing that comes first: streams keep where they are, and forget what they know of the samples. */
  eraseStreams(handles: ReadonlySet<number>, before: number): void {
    this.db.transaction(() => this.lanes.erase(handles, before))();
    // what is deleted is overwritten in the file, and this empties the log before it
    this.db.pragma('wal_checkpoint(TRUNCATE)');
  }

  /** The rest of an erasing whose samples and windows are gone; gives what it answers. */
  eraseRest(erased: Erased, points: number): Erased & { points: number } {
    this.dropAside();
    return { ...erased, points };
  }

  /** Points that are in the catalogue now; where the file of history refuses them they come with the next start. */
  keepPoints(points: readonly LivePoint[]): void {
    whereItCan(() => this.historian.keepPoints(points));
  }

  /** A database was found damaged in use: this thread ends, and the next sets it aside. */
  suspect(file: 'store' | 'history'): void {
    (file === 'store' ? suspectStore : suspectHistory)(this.options.folder);
  }

  /** Time by which something is old: nothing is while the clock may have been set wrongly. */
  agedBy(now: number): number {
    return this.clock.isProven ? now : 0;
  }

  /** What is due beside requests. Throws what the disk throws. */
  chore(now: number): Chore | undefined {
    if (this.isSalvaging) return this.salvage();
    const due = this.historian.chore(now, this.clock.isProven);
    // a segment that is sealed or dropped keeps no acknowledgements
    if (due !== undefined) whereItCan(() => this.keepLanes(now));
    return due ?? (Math.abs(now - this.scrubbed) >= DAY ? this.scrub(now) : undefined);
  }

  /** What it finds is told again once a day. */
  private *scrub(now: number): Chore {
    const found = leftOutEvent(yield* scrub(this.db), now);
    this.scrubbed = now;
    if (found !== undefined) this.salvaged.push(() => found);
  }

  /** Whether rows of a damaged store are still on their way back. */
  get isSalvaging(): boolean {
    return salvagePending(this.db) !== undefined;
  }

  private *salvage(): Chore {
    const { db } = this;
    const { folder } = this.options;
    const pending = salvagePending(db)!;
    const found = yield* salvageStore(folder, db, pending);
    for (const end of FILES) rmSync(join(folder, pending.name + end), { force: true });
    this.salvaged.push((t) => storeSalvaged(found, t));
  }

  /** Gathers what a backup holds; chores must rest meanwhile. */
  async stage(secrets: boolean, now: number): Promise<Staged> {
    this.journal.sync(now);
    this.keepLanes(now);
    const { folder } = this.options;
    const { db: history, journal } = this.historian;
    return stageBackup({ folder, now, secrets, store: this.db, history, segments: journal.segments });
  }

  /** Removes what was set aside: nobody can tell whose data it holds. */
  private dropAside(): void {
    const { folder } = this.options;
    for (const name of readdirSync(folder)) if (ASIDE.test(name)) rmSync(join(folder, name), { recursive: true });
    this.historian.dropAside();
  }

  addGap(gap: Gap): void {
    this.gaps.push(gap);
  }

  private keepLanes(now: number): void {
    if (!this.lanes.isDirty) return;
    try {
      this.db.transaction(() => this.lanes.keep(now))();
    } catch (error) {
      this.reopenLanes();
      throw error;
    }
  }

  /** What was acknowledged goes on to wait for the disk. */
  private reopenLanes(): void {
    const acked = this.lanes.acks.list;
    this.lanes = this.openLanes();
    for (const { name, ranges } of acked) this.lanes.ack(name, ranges);
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
      acked: journalledAcks(this.journal, { folder: join(this.options.folder, 'journal'), epoch: this.epoch }),
    });
  }

  /** Ends without writing anything; gives what the next thread must have. */
  leave(): Left {
    const left = { ...this.journal.leave(), gaps: this.gaps };
    for (const db of [this.historian.db, this.db]) whereItCan(() => db.close());
    return left;
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
