import {
  checkFiles,
  SmxError,
  type CatalogueChange,
  type Clock,
  type CommandShelf,
  type Disposable,
  type EventRecord,
  type HistoryQuery,
  type HistoryRow,
  type HistorySource,
  type LedgerEntry,
  type LedgerSink,
  type Log,
  type NewEvent,
  type NewEventFile,
  type NewLedgerEntry,
  type PrincipalRecord,
  type Zone,
} from '@smx-edge/model';
import type { EventQuery } from '../database/event-table.js';
import type { KeyRecord } from '../database/key-table.js';
import { Listeners } from '../live/listeners.js';
import { LiveTable } from '../live/live-table.js';
import type { AuditVerdict } from '../proof/audit.js';
import { exportLines, type ExportLine, type ExportSource } from '../proof/export.js';
import type { Opened } from '../worker/protocol.js';
import { StoredCommands } from './command-shelf.js';
import { ClockWatch } from './clock-watch.js';
import { makeDataFolder } from './folder.js';
import { readHistory } from './history-reader.js';
import { JournalFeed } from './journal-feed.js';
import { jsonText } from './json-text.js';
import { LaneShelf } from './lane-shelf.js';
import { lockFolder, type FolderLock } from './lock.js';
import { Pace } from './pace.js';
import { ProfileShelf } from './profile-shelf.js';
import { fromWire, ThreadLink, type Notice } from './thread-link.js';
import { Vault } from './vault.js';

const LONGEST_TEXT = 4096;
const LONGEST_DATA = 64 * 1024;
const LONGEST_STATE = 1024 * 1024;
const LONGEST_KEY = 200;
const MOST_LEDGER_ROWS = 1000;
const RESTART_PAUSE = 1000;
const TEN_YEARS = 3_653 * 86_400_000;
/** Ledger entries that wait in memory while the disk refuses them; more are let go, and that is written down. */
const MOST_UNLEDGERED = 10_000;

export interface StoreOptions {
  /** The data folder; created 0700. */
  readonly dir: string;
  readonly clock: Clock;
  readonly zone: Zone;
  readonly log: Log;
  /** Samples are durable after so many ms (architecture §5 rule 3). */
  readonly flush: number;
  /** Bytes the samples may take. */
  readonly budget: number;
  /** Samples are kept so many ms by receive time. */
  readonly raw: number;
  /** 15-minute windows are kept so many ms beyond that; default ten years. */
  readonly keep?: number;
}

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
  private readonly log: Log;
  private readonly feed: JournalFeed;
  /** Backup and erasing. */
  readonly vault: Vault;
  private readonly pace: Pace;
  private readonly owned: Disposable[];
  private readonly eventListeners = new Listeners<EventRecord>();
  private readonly faultListeners = new Listeners<SmxError | undefined>();
  private readonly principalRecords: Map<string, PrincipalRecord>;
  private head: string;
  private present: SmxError | undefined;
  /** Ledger entries the thread has not committed yet, for one that takes its place. */
  private unledgered: NewLedgerEntry[] = [];
  private lostEntries = 0;
  private restart: Disposable | undefined;
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly options: StoreOptions,
    private readonly parts: { readonly lock: FolderLock; readonly link: ThreadLink; readonly opened: Opened },
  ) {
    const { clock, log } = options;
    const { link, opened } = parts;
    this.log = log;
    this.epoch = opened.epoch;
    this.commands = new StoredCommands(link);
    this.head = opened.ledgerHead;
    this.principalRecords = new Map(opened.principals.map((record) => [record.name, record]));
    this.profiles = new ProfileShelf(link, opened.profiles);
    this.lane = new LaneShelf(link, {
      epoch: opened.epoch,
      flushEach: options.flush,
      flush: () => this.flush(),
      hasten: () => this.pace.hasten(),
      post: (asked) => this.post(asked),
    });
    this.live = new LiveTable({ clock, points: opened.points, removed: opened.removed, first: opened.first });
    this.feed = new JournalFeed({
      send: (record, range) => link.ask('samples', { record, range }, [record.buffer as ArrayBuffer]),
      onGap: (gap) => this.post(link.ask('gap', gap)),
    });
    this.vault = new Vault(this, { link, clock });
    const watch = new ClockWatch(clock, (step) => this.post(this.addEvent(clockStep(step))));
    this.pace = new Pace({
      clock,
      flush: () => this.lane.flush,
      write: () => void this.feed.post(),
      tick: () => {
        watch.look();
        this.post(link.ask('tick', undefined));
      },
      sync: () => this.post(link.ask('sync', this.feed.waitingSince)),
      troubled: () => this.present !== undefined,
    });
    this.owned = [
      this.live.subscribe((batch) => this.feed.add(batch)),
      this.live.onCatalogue((change) => this.keepPoint(change)),
      this.pace,
    ];
  }

  /** Opens the store of a data folder. Rejects with SMX_STORE_LOCKED or SMX_STORE_FOLDER; damage is set aside, not rejected. */
  static async open(options: StoreOptions): Promise<Store> {
    const { dir, zone, raw, keep = TEN_YEARS, budget, clock } = options;
    makeDataFolder(dir);
    const lock = lockFolder(dir);
    // notices can only follow the opening, and then the store is there to take them
    let store: Store | undefined;
    const link = new ThreadLink({
      start: { folder: dir, zone: zone.name, raw, keep, budget },
      clock,
      onNotice: (notice) => store?.notice(notice),
      onDeath: (reason) => store?.died(reason),
    });
    try {
      store = new Store(options, { lock, link, opened: await link.open() });
      return store;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Hash of the newest ledger entry, hex. */
  get ledgerHead(): string {
    return this.head;
  }

  /** What is wrong with the store, undefined where nothing is. */
  get fault(): SmxError | undefined {
    return this.present;
  }

  /** Called when the fault begins, changes or ends (undefined). */
  onFault(listener: (fault: SmxError | undefined) => void): Disposable {
    return this.faultListeners.add(listener);
  }

  /** Rows of one point (see `HistoryQuery`); samples ingested before the first row is asked for are included. */
  async *history(query: HistoryQuery): AsyncIterable<readonly HistoryRow[]> {
    await this.writeAll();
    yield* readHistory(this.parts.link, query);
  }

  /** Keeps an event and its files; resolves when all are durable. Rejects with SMX_STORE_FAILED, SMX_STORE_VALUE, SMX_EVENT_FILE. */
  async addEvent(event: NewEvent, files: readonly NewEventFile[] = []): Promise<EventRecord> {
    const { t, path, code, severity, state } = event;
    const text = event.text.slice(0, LONGEST_TEXT);
    const data = event.data === undefined ? {} : { data: fresh(event.data, `the data of event ${code}`, LONGEST_DATA) };
    checkFiles(code, files);
    const attached = files.length === 0 ? {} : { files };
    const record = await this.parts.link.ask('addEvent', {
      t,
      path,
      code,
      severity,
      state,
      text,
      ...data,
      ...attached,
    });
    this.eventListeners.call(record);
    return record;
  }

  onEvent(listener: (event: EventRecord) => void): Disposable {
    return this.eventListeners.add(listener);
  }

  /** Events in order of id, at most 1000 a call: go on with `after`. */
  events(query: EventQuery): Promise<EventRecord[]> {
    return this.parts.link.ask('events', query);
  }

  /**
   * A file of an event; undefined where it has none of this name. Rejects with SMX_EVENT_FILE_GONE where it was deleted
   * to stay within the bound, SMX_STORE_DAMAGED where it is not what was kept.
   */
  eventFile(event: number, name: string): Promise<{ readonly type: string; readonly bytes: Uint8Array } | undefined> {
    return this.parts.link.ask('eventFile', { event, name });
  }

  principals(): readonly PrincipalRecord[] {
    return [...this.principalRecords.values()];
  }

  /** Adds or replaces by name; durable when resolved. */
  async putPrincipal(record: PrincipalRecord): Promise<void> {
    await this.parts.link.ask('putPrincipal', record);
    this.principalRecords.set(record.name, record);
  }

  async removePrincipal(name: string): Promise<void> {
    await this.parts.link.ask('removePrincipal', name);
    this.principalRecords.delete(name);
  }

  /** Appends to the ledger in the order of calls. Throws SMX_STORE_VALUE. */
  append({ t, kind, principal, data }: NewLedgerEntry): void {
    const entry = { t, kind, principal, data: fresh(data, `a ledger entry of ${principal}`, LONGEST_DATA) };
    if (this.unledgered.length >= MOST_UNLEDGERED) {
      this.lostEntries++;
      return;
    }
    this.unledgered.push(entry);
    this.post(this.parts.link.ask('append', entry));
  }

  /** Entries from number `from` on (1 = the first, -1 = the last), at most 1000 a call. */
  ledger({ from = 1, limit = MOST_LEDGER_ROWS }: { from?: number; limit?: number }): Promise<LedgerEntry[]> {
    return this.parts.link.ask('ledger', { from, limit: Math.max(0, Math.min(limit, MOST_LEDGER_ROWS)) });
  }

  /** Checks ledger, load profiles and files of events. */
  verifyLedger(): Promise<AuditVerdict> {
    return this.parts.link.ask('verifyLedger', undefined);
  }

  /** Everything that proves itself, as the lines of an export (see `exportLines`); rows only where `mayGive` lets them. */
  evidence(mayGive?: (path: string) => boolean): AsyncGenerator<ExportLine> {
    const { link } = this.parts;
    const source: ExportSource = {
      begin: () => link.ask('evidence', undefined),
      ledger: (query) => link.ask('ledger', query),
      commits: (query) => link.ask('profileCommits', query),
    };
    return exportLines(source, { page: MOST_LEDGER_ROWS, ...(mayGive === undefined ? {} : { mayGive }) });
  }

  /** The public keys that signed here, the present one last. */
  keys(): Promise<KeyRecord[]> {
    return this.parts.link.ask('keys', undefined);
  }

  /** What an instance kept under a key; undefined where it kept nothing. */
  async stateGet(instance: string, key: string): Promise<unknown> {
    const text = await this.parts.link.ask('stateGet', { instance, key });
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  }

  /** Keeps a JSON value, or with undefined forgets it; durable when resolved. Rejects with SMX_STORE_VALUE, SMX_STORE_FAILED. */
  async stateSet(instance: string, key: string, value: unknown): Promise<void> {
    if (key.length === 0 || key.length > LONGEST_KEY)
      throw new SmxError('SMX_STORE_VALUE', `a key of state has 1 to ${LONGEST_KEY} characters`);
    const text = value === undefined ? {} : { value: jsonText(value, `state "${key}"`, LONGEST_STATE) };
    await this.parts.link.ask('stateSet', { instance, key, ...text });
  }

  /** Bytes of JSON and keys an instance keeps. */
  stateSize(instance: string): Promise<number> {
    return this.parts.link.ask('stateSize', instance);
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
    this.restart?.dispose();
    this.live.close();
    try {
      await this.writeAll();
    } finally {
      await this.leave();
    }
  }

  private async leave(): Promise<void> {
    try {
      await this.parts.link.close();
    } finally {
      this.parts.lock.release();
    }
  }

  /** Hands over what has gathered; a thread that is behind is waited for. */
  private async writeAll(): Promise<void> {
    while (!this.feed.post()) await this.parts.link.ask('tick', undefined);
  }

  private keepPoint(change: CatalogueChange): void {
    if (change.kind === 'device' || change.kind === 'device-removed') return;
    const { kind, handle, definition } = change;
    this.post(this.parts.link.ask('point', { handle, definition, removed: kind === 'removed' }));
  }

  /** What is kept and tried again by the thread needs no answer: a refusal is a fault already. */
  private post(asked: Promise<unknown>): void {
    asked.catch((error: unknown) => this.log.debug('the store takes a request later', { error: String(error) }));
  }

  private notice(notice: Notice): void {
    if (notice.kind === 'ledger') {
      this.head = notice.head;
      this.unledgered.splice(0, notice.appended);
      this.tellLostEntries();
    } else if (notice.kind === 'event') this.eventListeners.call(notice.event);
    else if (notice.kind === 'lanes') for (const lane of notice.lanes) this.lane.advanced(lane);
    else this.setFault(notice.error === undefined ? undefined : fromWire(notice.error));
  }

  private tellLostEntries(): void {
    const lost = this.lostEntries;
    if (lost === 0) return;
    this.lostEntries = 0;
    this.append({
      t: this.options.clock.now(),
      kind: 'system',
      principal: 'core',
      data: { lost, why: 'the disk refused' },
    });
  }

  private setFault(fault: SmxError | undefined): void {
    this.present = fault;
    if (fault === undefined) this.log.info('the store takes writes again');
    else this.log.error('the store cannot write', { code: fault.code, error: fault.message });
    this.faultListeners.call(fault);
  }

  private died(reason: string): void {
    this.setFault(new SmxError('SMX_STORE_FAILED', `the thread of the store ended (${reason}); it is started again`));
    this.restart = this.options.clock.after(RESTART_PAUSE, () => void this.reopen());
  }

  /** Starts the thread anew and gives it again what the old one may not have kept. */
  private async reopen(): Promise<void> {
    const { link } = this.parts;
    try {
      const opened = await link.open();
      if (opened.epoch !== this.epoch) {
        this.setFault(new SmxError('SMX_STORE_DAMAGED', 'the database was damaged while running; restart the core'));
        return;
      }
    } catch (error) {
      this.died(error instanceof Error ? error.message : String(error));
      return;
    }
    for (const point of this.live.points()) this.post(link.ask('point', { ...point, removed: false }));
    for (const entry of this.unledgered) this.post(link.ask('append', entry));
    this.setFault(undefined);
  }
}

/** A copy as it will be read back: what has no JSON is refused now, and later changes of the original change nothing. */
function fresh<T>(value: T, what: string, limit: number): T {
  return JSON.parse(jsonText(value, what, limit)) as T;
}

function clockStep({ from, to }: { from: number; to: number }): NewEvent {
  return {
    t: to,
    path: 'box',
    code: 'SMX_CLOCK_STEP',
    severity: 'warning',
    state: 'once',
    text: `The clock was set from ${new Date(from).toISOString()} to ${new Date(to).toISOString()}.`,
    data: { from, to },
  };
}
