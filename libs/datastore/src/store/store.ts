import {
  SmxError,
  type CatalogueChange,
  type CommandShelf,
  type Disposable,
  type EventRecord,
  type HistoryQuery,
  type HistoryRow,
  type HistorySource,
  type LedgerEntry,
  type LedgerSink,
  type NewEvent,
  type NewEventFile,
  type NewLedgerEntry,
  type PrincipalRecord,
} from '@smx-edge/model';
import type { EventQuery } from '../database/event-table.js';
import type { KeyRecord } from '../database/key-table.js';
import { LiveTable } from '../live/live-table.js';
import type { AuditVerdict } from '../proof/audit.js';
import type { ExportLine } from '../proof/export.js';
import type { Opened } from '../worker/protocol.js';
import { StoredCommands } from './command-shelf.js';
import { ClockWatch } from './clock-watch.js';
import { EventShelf } from './event-shelf.js';
import { readHistory } from './history-reader.js';
import { JournalFeed } from './journal-feed.js';
import { LedgerBook } from './ledger-book.js';
import { LaneShelf } from './lane-shelf.js';
import { Lifeline } from './lifeline.js';
import type { FolderLock } from './lock.js';
import { Pace } from './pace.js';
import { PrincipalBook } from './principal-book.js';
import { ProfileShelf } from './profile-shelf.js';
import { ONE_YEAR, TEN_YEARS, type StoreOptions } from './options.js';
import { StateShelf } from './state-shelf.js';
import { takeFolder } from './take-folder.js';
import { fromWire, ThreadLink, type Notice } from './thread-link.js';
import { Vault } from './vault.js';

/**
 * Everything the box keeps: the live table with its catalogue, samples, events, principals, ledger and the state of
 * instances. All disk work is in one thread of its own. A disk that refuses is a `fault`, ended by itself once it takes
 * writes again: samples, points and ledger entries wait in memory (bounded), other requests reject with SMX_STORE_FAILED.
 */
export class Store implements HistorySource, LedgerSink {
  readonly live: LiveTable;
  readonly profiles: ProfileShelf;
  /** The certain lane. */
  readonly lane: LaneShelf;
  /** ms UTC of the creation of the store; another epoch means other handles. */
  readonly epoch: number;
  readonly commands: CommandShelf;
  private readonly feed: JournalFeed;
  /** Backup and erasing. */
  readonly vault: Vault;
  private readonly pace: Pace;
  private readonly owned: Disposable[];
  private readonly eventShelf: EventShelf;
  private readonly book: LedgerBook;
  private readonly life: Lifeline;
  private readonly principalBook: PrincipalBook;
  private readonly state: StateShelf;
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly options: StoreOptions,
    private readonly parts: { readonly lock: FolderLock; readonly link: ThreadLink; readonly opened: Opened },
  ) {
    const { clock, log } = options;
    const { link, opened } = parts;
    this.epoch = opened.epoch;
    this.commands = new StoredCommands(link);
    this.eventShelf = new EventShelf(link);
    this.book = new LedgerBook(link, { clock, head: opened.ledgerHead, post: this.post });
    this.life = new Lifeline({
      ...{ link, clock, log, post: this.post, epoch: opened.epoch },
      renew: () => this.renew(),
      tell: (event) => this.post(this.addEvent(event)),
    });
    this.principalBook = new PrincipalBook(link, opened.principals);
    this.state = new StateShelf(link, opened.state);
    this.profiles = new ProfileShelf(link, opened.profiles);
    this.lane = new LaneShelf(link, {
      epoch: opened.epoch,
      flushEach: options.flush,
      flush: () => this.flush(),
      hasten: () => this.pace.hasten(),
      post: this.post,
    });
    this.live = new LiveTable({ clock, points: opened.points, removed: opened.removed, first: opened.first });
    this.feed = new JournalFeed({
      isOpen: () => link.isOpen,
      send: (record, range) => link.ask('samples', { record, range }, [record.buffer as ArrayBuffer]),
      onGap: (gap) => this.life.gap(gap),
    });
    this.vault = new Vault(this, { link, clock });
    const watch = new ClockWatch(clock, (step) => this.post(this.addEvent(step)));
    this.pace = new Pace({
      clock,
      flush: () => this.lane.flush,
      write: () => {
        // each second: a step that is undone soon is to be told as well
        watch.look();
        void this.feed.post();
      },
      tick: () => this.post(link.ask('tick', undefined)),
      sync: () => this.post(link.ask('sync', this.feed.waitingSince)),
      troubled: () => this.fault !== undefined,
    });
    this.owned = [
      this.live.subscribe((batch) => this.feed.add(batch)),
      this.live.onCatalogue((change) => this.keepPoint(change)),
      this.pace,
      this.life,
    ];
  }

  /**
   * Opens the store of a data folder. Rejects with SMX_STORE_LOCKED or SMX_STORE_FOLDER; damage is set aside, and a
   * read-only disk that has a store is a `fault`, not rejected.
   */
  static async open(options: StoreOptions): Promise<Store> {
    const { dir, zone, raw, minutes = ONE_YEAR, keep = TEN_YEARS, budget, clock } = options;
    const lock = takeFolder(dir);
    // notices can only follow the opening, and then the store is there to take them
    let store: Store | undefined;
    const link = new ThreadLink({
      start: { folder: dir, zone: zone.name, raw, minutes, keep, budget },
      clock,
      onNotice: (notice) => store?.notice(notice),
      onDeath: (reason) => store?.life.died(reason),
    });
    try {
      const opened = await link.open();
      store = new Store(options, { lock, link, opened });
      if (opened.fault !== undefined) store.life.begin(fromWire(opened.fault));
      return store;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Hash of the newest ledger entry, hex. */
  get ledgerHead(): string {
    return this.book.head;
  }

  /** What is wrong with the store, undefined where nothing is. */
  get fault(): SmxError | undefined {
    return this.life.fault;
  }

  /** Undefined until it is known. */
  get usage(): Lifeline['usage'] {
    return this.life.usage;
  }

  /** Called when the fault begins, changes or ends (undefined). */
  onFault(listener: (fault: SmxError | undefined) => void): Disposable {
    return this.life.onFault(listener);
  }

  /** Rows of one point (see `HistoryQuery`); samples ingested before the first row is asked for are included. */
  async *history(query: HistoryQuery): AsyncIterable<readonly HistoryRow[]> {
    await this.writeAll();
    yield* readHistory(this.parts.link, query);
  }

  /** Keeps an event and its files; resolves when all are durable. Rejects with SMX_STORE_FAILED, SMX_STORE_VALUE, SMX_EVENT_FILE. */
  addEvent(event: NewEvent, files: readonly NewEventFile[] = []): Promise<EventRecord> {
    return this.eventShelf.add(event, files);
  }

  onEvent(listener: (event: EventRecord) => void): Disposable {
    return this.eventShelf.onEvent(listener);
  }

  /** Events in order of id, at most 1000 a call: go on with `after`. */
  events(query: EventQuery): Promise<EventRecord[]> {
    return this.eventShelf.read(query);
  }

  /**
   * A file of an event; undefined where it has none of this name. Rejects with SMX_EVENT_FILE_GONE where it was deleted
   * to stay within the bound, SMX_STORE_DAMAGED where it is not what was kept.
   */
  eventFile(event: number, name: string): Promise<{ readonly type: string; readonly bytes: Uint8Array } | undefined> {
    return this.eventShelf.file(event, name);
  }

  principals(): readonly PrincipalRecord[] {
    return this.principalBook.all();
  }

  /** Adds or replaces by name; durable when resolved. */
  putPrincipal(record: PrincipalRecord): Promise<void> {
    return this.principalBook.put(record);
  }

  removePrincipal(name: string): Promise<void> {
    return this.principalBook.remove(name);
  }

  /** Appends to the ledger in the order of calls. Throws SMX_STORE_VALUE. */
  append(entry: NewLedgerEntry): void {
    this.book.append(entry);
  }

  /** Entries from number `from` on (1 = the first, -1 = the last), at most 1000 a call. */
  ledger(query: { from?: number; limit?: number }): Promise<LedgerEntry[]> {
    return this.book.read(query);
  }

  /** Checks ledger, load profiles and files of events. */
  verifyLedger(): Promise<AuditVerdict> {
    return this.book.verify();
  }

  /** Everything that proves itself, as the lines of an export (see `exportLines`); rows only where `mayGive` lets them. */
  evidence(mayGive?: (path: string) => boolean): AsyncGenerator<ExportLine> {
    return this.book.evidence(mayGive);
  }

  /** The public keys that signed here, the present one last. */
  keys(): Promise<KeyRecord[]> {
    return this.book.keys();
  }

  /** What an instance kept under a key; undefined where it kept nothing. */
  stateGet(instance: string, key: string): Promise<unknown> {
    return this.state.get(instance, key);
  }

  /** Keeps a JSON value, or with undefined forgets it; durable when resolved. Rejects with SMX_STORE_VALUE, SMX_STORE_FAILED. */
  stateSet(instance: string, key: string, value: unknown): Promise<void> {
    return this.state.set(instance, key, value);
  }

  /** Bytes of JSON and keys an instance keeps. */
  stateSize(instance: string): Promise<number> {
    return this.state.size(instance);
  }

  /** Writes what waits and makes it durable. Rejects with SMX_STORE_FAILED where the disk refuses. */
  async flush(): Promise<void> {
    await this.writeAll();
    await this.parts.link.ask('sync', this.feed.waitingSince);
  }

  /** Resolves when all that is due is sealed and thinned. */
  async settled(): Promise<void> {
    await this.writeAll();
    await this.parts.link.ask('tick', undefined);
    await this.parts.link.ask('settle', undefined);
  }

  /** Writes everything, ends the thread and gives the folder free. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    for (const part of this.owned) part.dispose();
    this.live.close();
    try {
      await this.writeAll();
    } finally {
      await this.parts.link.close().finally(() => this.parts.lock.release());
    }
  }

  /** Hands over what has gathered; a thread that is behind is waited for. */
  private async writeAll(): Promise<void> {
    while (!this.feed.post()) await this.parts.link.ask('tick', undefined);
  }

  private keepPoint(change: CatalogueChange): void {
    if (change.kind === 'device' || change.kind === 'device-removed') return;
    const { handle, definition } = change;
    this.post(this.parts.link.ask('point', { handle, definition, removed: change.kind === 'removed' }));
  }

  /** What is kept and tried again by the thread needs no answer: a refusal is a fault already. */
  private readonly post = (asked: Promise<unknown>): void => {
    asked.catch((error: unknown) => this.options.log.debug('a request waits', { error: String(error) }));
  };

  private notice(notice: Notice): void {
    if (notice.kind === 'ledger') this.book.committed(notice.head, notice.appended);
    else if (notice.kind === 'event') this.eventShelf.added(notice.event);
    else if (notice.kind === 'lanes') for (const lane of notice.lanes) this.lane.advanced(lane);
    else this.life.notice(notice);
  }

  /** What is in memory is asked of a new thread again. */
  private renew(): void {
    for (const point of this.live.points()) this.post(this.parts.link.ask('point', { ...point, removed: false }));
    this.book.renew();
  }
}
