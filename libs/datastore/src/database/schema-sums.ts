import { addSums, createSummed, type SummedTable } from './row-sum.js';

const META: SummedTable = {
  name: 'meta',
  columns: 'key TEXT PRIMARY KEY, value TEXT NOT NULL',
  withoutRowid: true,
};

const SEGMENTS: SummedTable = {
  name: 'segments',
  columns:
    'seq INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, samples INTEGER NOT NULL, min_t REAL NOT NULL, ' +
    'max_t REAL NOT NULL, min_received REAL NOT NULL, max_received REAL NOT NULL, size INTEGER, blocks BLOB, points BLOB',
};

const OF_STORE: readonly SummedTable[] = [
  META,
  {
    name: 'catalogue',
    columns:
      'id INTEGER PRIMARY KEY, path TEXT NOT NULL, instance TEXT NOT NULL, definition TEXT NOT NULL, removed INTEGER NOT NULL',
  },
  {
    name: 'events',
    columns:
      'id INTEGER PRIMARY KEY AUTOINCREMENT, t REAL NOT NULL, path TEXT NOT NULL, code TEXT NOT NULL, ' +
      'severity TEXT NOT NULL, state TEXT NOT NULL, text TEXT NOT NULL, data TEXT',
    indexes: ['CREATE INDEX events_t ON events (t)'],
  },
  { name: 'principals', columns: 'name TEXT PRIMARY KEY, record TEXT NOT NULL', withoutRowid: true },
  {
    name: 'ledger',
    columns:
      'seq INTEGER PRIMARY KEY, t REAL NOT NULL, kind TEXT NOT NULL, principal TEXT NOT NULL, data TEXT NOT NULL, hash TEXT NOT NULL',
  },
  {
    name: 'state',
    columns: 'instance TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL',
    keys: 'PRIMARY KEY (instance, key)',
  },
  {
    name: 'gaps',
    columns:
      'id INTEGER PRIMARY KEY AUTOINCREMENT, t REAL NOT NULL, why TEXT NOT NULL, segment INTEGER, bytes INTEGER, ' +
      'samples INTEGER, from_t REAL, to_t REAL',
  },
  {
    name: 'keys',
    columns: 'id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, public TEXT NOT NULL, since REAL NOT NULL',
  },
  {
    name: 'anchors',
    columns:
      'chain TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL, t REAL NOT NULL, key INTEGER NOT NULL, sig TEXT NOT NULL',
    withoutRowid: true,
  },
  {
    name: 'seals',
    columns: 'id INTEGER PRIMARY KEY AUTOINCREMENT, head TEXT NOT NULL, key INTEGER NOT NULL, sig TEXT NOT NULL',
  },
  {
    name: 'profiles',
    columns:
      'id INTEGER PRIMARY KEY, device TEXT NOT NULL, name TEXT NOT NULL, definition TEXT NOT NULL, seq INTEGER NOT NULL, ' +
      'hash TEXT NOT NULL, rows INTEGER NOT NULL',
    keys: 'UNIQUE (device, name)',
  },
  {
    name: 'profile_rows',
    columns:
      'id INTEGER PRIMARY KEY AUTOINCREMENT, profile INTEGER NOT NULL, seq INTEGER NOT NULL, ends INTEGER NOT NULL, ' +
      'status INTEGER NOT NULL, cells TEXT NOT NULL, source BLOB, prev BLOB NOT NULL, hash BLOB NOT NULL, ' +
      'key INTEGER NOT NULL, sig BLOB NOT NULL',
    indexes: ['CREATE UNIQUE INDEX profile_rows_end ON profile_rows (profile, ends)'],
  },
  {
    name: 'event_files',
    columns:
      'event INTEGER NOT NULL, place INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, bytes INTEGER NOT NULL, ' +
      'sha256 TEXT NOT NULL, dropped REAL',
    keys: 'PRIMARY KEY (event, place)',
    withoutRowid: true,
  },
  {
    name: 'commands',
    columns:
      'seq INTEGER PRIMARY KEY AUTOINCREMENT, principal TEXT NOT NULL, id TEXT NOT NULL, point TEXT NOT NULL, ' +
      'over INTEGER NOT NULL, received REAL NOT NULL, record TEXT NOT NULL',
    keys: 'UNIQUE (principal, id)',
    indexes: [
      'CREATE INDEX commands_open ON commands (over) WHERE over = 0',
      'CREATE INDEX commands_point ON commands (point, seq)',
    ],
  },
  { name: 'held', columns: 'point TEXT PRIMARY KEY, value TEXT NOT NULL', withoutRowid: true },
  {
    name: 'lanes',
    columns:
      'principal TEXT NOT NULL, stream TEXT NOT NULL, open INTEGER NOT NULL, next INTEGER NOT NULL, acked TEXT NOT NULL',
    keys: 'PRIMARY KEY (principal, stream)',
    withoutRowid: true,
  },
  { name: 'lane_plans', columns: 'id INTEGER PRIMARY KEY, plan TEXT NOT NULL UNIQUE' },
  {
    name: 'lane_cuts',
    columns:
      'principal TEXT NOT NULL, stream TEXT NOT NULL, seq INTEGER NOT NULL, position INTEGER NOT NULL, ' +
      'plan INTEGER NOT NULL, state TEXT NOT NULL, gone TEXT NOT NULL, gap TEXT',
    keys: 'PRIMARY KEY (principal, stream, seq, position)',
    withoutRowid: true,
  },
  {
    name: 'lane_records',
    columns: 'principal TEXT NOT NULL, stream TEXT NOT NULL, seq INTEGER NOT NULL, t REAL NOT NULL, ids TEXT NOT NULL',
    keys: 'PRIMARY KEY (principal, stream, seq)',
    withoutRowid: true,
  },
];

const OF_HISTORY: readonly SummedTable[] = [
  META,
  { name: 'points', columns: 'handle INTEGER PRIMARY KEY, definition TEXT NOT NULL' },
  SEGMENTS,
];

/**
 * The step from which on all rows of `store.db` have a sum. The index of segments stands there too, beside the file of
 * history: what that loses can then be told to the sample.
 */
export const SUMS_OF_STORE = [...OF_STORE.map(addSums), createSummed(SEGMENTS)].join('');

/**
 * The same for `history.db`. Chunks and windows have a CRC of their own; what stands beside windows has a sum where it
 * was written from now on, since there may be many of them.
 */
export const SUMS_OF_HISTORY = [
  'ALTER TABLE segments ADD COLUMN points BLOB;\n',
  ...OF_HISTORY.map(addSums),
  'ALTER TABLE quarters ADD COLUMN sum INTEGER;\n',
  'ALTER TABLE quarters ADD COLUMN sound AS ' +
    "(sum IS NULL OR sum = row_sum('quarters', handle, day, upto, thinned, steady, whole)) VIRTUAL;\n",
].join('');
