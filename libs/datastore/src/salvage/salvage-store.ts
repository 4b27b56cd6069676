import { join } from 'node:path';
import { CatalogueTable } from '../database/catalogue-table.js';
import { readMeta, STORE, writeMeta, type Sqlite, type Statement } from '../database/database.js';
import { lastPruned } from '../database/event-table.js';
import { LANE_TABLES } from '../database/lane-table.js';
import { openDamaged } from './damaged-file.js';
import { scanTable, where, type Row, type Scanned } from './table-scan.js';

/** Tables that a store cannot begin without. */
const AT_ONCE = [
  'principals',
  'state',
  'gaps',
  'keys',
  'anchors',
  'seals',
  'profiles',
  'event_files',
  'commands',
  'held',
];
/** Tables that mean something under their epoch only. */
const OF_EPOCH = ['catalogue', 'segments'];
/** Tables that may be large; their rows come back in the background. */
const LATER = ['events', 'ledger', 'profile_rows'] as const;
type Later = (typeof LATER)[number];
/** Tables whose ids must not be given again, and what the id is called. */
const COUNTED = { events: 'id', gaps: 'id', seals: 'id', commands: 'seq', profile_rows: 'id' };
/** Rows put into the store at a time. */
const GROUP = 200;
/** No counter comes to this. */
const LARGEST_ID = 2 ** 48;
/** Where `meta` says what is still to come. */
const KEY = 'salvage';

/** Rows that a table had up to a number. */
interface Due {
  readonly upTo: number;
  readonly rows: number;
}

interface Pending {
  /** The damaged file. */
  readonly name: string;
  readonly due: Readonly<Record<Later, Due>>;
}

/** What a damaged store still was. */
export interface Carried {
  /** Its epoch; undefined where that cannot be read, and then ids of points are not known either. */
  readonly former: number | undefined;
  /** Whether the epoch goes on: all that names batches was whole. */
  readonly goesOn: boolean;
  /** Tables of which a part is gone. */
  readonly short: readonly string[];
}

/** What came back of a store in the background, and what did not, in rows by table. */
export interface StoreSalvaged {
  readonly rows: Readonly<Record<Later, number>>;
  readonly lost: Readonly<Record<Later, number>>;
}

/** Brings what is sound of a damaged store into a new one, in one transaction: all but what may be large. */
export function carryOver(path: string, { db, name }: { db: Sqlite; name: string }): Carried {
  const old = openDamaged(path, STORE);
  if (old === undefined)
    return { former: undefined, goesOn: false, short: [...AT_ONCE, ...OF_EPOCH, ...LANE_TABLES, ...LATER] };
  try {
    return db.transaction(() => new Carrier(old, db).carry(name))();
  } finally {
    old.close();
  }
}

class Carrier {
  private readonly short: string[] = [];

  constructor(
    private readonly old: Sqlite,
    private readonly db: Sqlite,
  ) {}

  carry(name: string): Carried {
    const known = where(() => readMeta(this.old, 'epoch'));
    const former = known === undefined ? undefined : Number(known);
    for (const table of AT_ONCE) this.table(table);
    this.counters();
    const goesOn = former !== undefined && this.ofEpoch();
    if (goesOn) writeMeta(this.db, 'epoch', String(former));
    else for (const table of LANE_TABLES) this.db.exec(`DELETE FROM ${table}`);
    const pending: Pending = { name, due: dueOf(this.db) };
    writeMeta(this.db, KEY, JSON.stringify(pending));
    return { former, goesOn, short: this.short };
  }

  /** Tells whether all that names batches came. */
  private ofEpoch(): boolean {
    for (const table of OF_EPOCH) this.table(table);
    const handles = where(() => readMeta(this.old, 'handles'));
    if (handles !== undefined) writeMeta(this.db, 'handles', handles);
    // an id that was told may be missing in what came
    if (handles === undefined || this.short.includes('catalogue')) new CatalogueTable(this.db).skip();
    return LANE_TABLES.map((table) => this.table(table)).every((isWhole) => isWhole);
  }

  /** Tells whether all of it came. */
  private table(table: string): boolean {
    const scanned: Scanned = { isWhole: true };
    const put = putInto(this.db, table);
    for (const row of scanTable(this.old, table, scanned)) if (row !== undefined) put(row);
    if (!scanned.isWhole) this.short.push(table);
    return scanned.isWhole;
  }

  private counters(): void {
    const head = where(() => readMeta(this.old, 'ledger')) ?? this.lastEntry();
    if (head !== undefined) writeMeta(this.db, 'ledger', head);
    for (const [table, key] of Object.entries(COUNTED)) {
      const last = Math.max(
        this.number(`SELECT seq AS n FROM sqlite_sequence WHERE name = '${table}'`),
        this.number(`SELECT max(${key}) AS n FROM ${table}`),
      );
      this.db.prepare('DELETE FROM sqlite_sequence WHERE name = ?').run(table);
      this.db.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)').run(table, last);
    }
  }

  /** The end of the ledger, where it is not told of apart. */
  private lastEntry(): string | undefined {
    const sql = 'SELECT seq, hash FROM ledger WHERE sound ORDER BY seq DESC LIMIT 1';
    const last = where(() => this.old.prepare<[], { seq: number; hash: string }>(sql).get());
    return last === undefined ? undefined : JSON.stringify([last.seq, last.hash]);
  }

  private number(sql: string): number {
    const n = where(() => this.old.prepare<[], { n: number | null }>(sql).get())?.n ?? 0;
    return n > 0 && n < LARGEST_ID ? n : 0;
  }
}

/** What the tables that come later had, by what stands beside them. */
function dueOf(db: Sqlite): Record<Later, Due> {
  const number = (sql: string): number => db.prepare<[], { n: number | null }>(sql).get()?.n ?? 0;
  const last = (table: string): number => number(`SELECT seq AS n FROM sqlite_sequence WHERE name = '${table}'`);
  const [head] = JSON.parse(readMeta(db, 'ledger') ?? '[0]') as [number];
  return {
    events: { upTo: last('events'), rows: last('events') - lastPruned(last('events')) },
    ledger: { upTo: head, rows: head - number("SELECT seq AS n FROM anchors WHERE chain = 'ledger'") },
    profile_rows: { upTo: last('profile_rows'), rows: number('SELECT sum(rows) AS n FROM profiles') },
  };
}

/** Puts rows into a table; one that is there already stays. */
function putInto(db: Sqlite, table: string): (row: Row) => void {
  let put: Statement<[Row], unknown> | undefined;
  return (row) => {
    const names = Object.keys(row);
    put ??= db.prepare<[Row]>(
      `INSERT OR IGNORE INTO ${table} (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`,
    );
    put.run(row);
  };
}

/** The damaged file of which rows are still to come. */
export function salvagePending(db: Sqlite): Pending | undefined {
  const text = readMeta(db, KEY);
  return text === undefined ? undefined : (JSON.parse(text) as Pending);
}

/** Brings the rest of a damaged store back, with breaths in between; `folder` is the data folder. */
export function* salvageStore(folder: string, db: Sqlite, { name, due }: Pending): Generator<undefined, StoreSalvaged> {
  const rows = { events: 0, ledger: 0, profile_rows: 0 };
  const lost = { ...rows };
  const old = openDamaged(join(folder, name), STORE);
  try {
    for (const table of LATER) {
      if (old !== undefined) yield* bring(old, db, table);
      const key = table === 'ledger' ? 'seq' : 'id';
      const there = db.prepare<[number], { n: number }>(`SELECT count(*) AS n FROM ${table} WHERE ${key} <= ?`);
      rows[table] = there.get(due[table].upTo)!.n;
      lost[table] = Math.max(0, due[table].rows - rows[table]);
    }
  } finally {
    old?.close();
  }
  db.prepare('DELETE FROM meta WHERE key = ?').run(KEY);
  return { rows, lost };
}

function* bring(old: Sqlite, db: Sqlite, table: Later): Generator<undefined, void> {
  const put = putInto(db, table);
  const profiles = new Set(
    db
      .prepare<[], { id: number }>('SELECT id FROM profiles')
      .all()
      .map(({ id }) => id),
  );
  // rows of a profile that is gone would be taken for those of the next one
  const isOurs = (row: Row): boolean => table !== 'profile_rows' || profiles.has(Number(row['profile']));
  let group: Row[] = [];
  const flush = db.transaction(() => group.forEach(put));
  for (const row of scanTable(old, table, { isWhole: true })) {
    if (row !== undefined && isOurs(row)) group.push(row);
    if (row !== undefined && group.length < GROUP) continue;
    flush();
    group = [];
    yield undefined;
  }
  flush();
}
