import { SUMS_OF_HISTORY, SUMS_OF_STORE } from './schema-sums.js';

/** Numbered steps of `store.db` from an empty file to the present schema; a step, once released, never changes. */
export const STORE_STEPS: readonly string[] = [
  `CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE catalogue (id INTEGER PRIMARY KEY, path TEXT NOT NULL, instance TEXT NOT NULL, definition TEXT NOT NULL,
     removed INTEGER NOT NULL);
   CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, t REAL NOT NULL, path TEXT NOT NULL, code TEXT NOT NULL,
     severity TEXT NOT NULL, state TEXT NOT NULL, text TEXT NOT NULL, data TEXT);
   CREATE INDEX events_t ON events (t);
   CREATE TABLE principals (name TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE ledger (seq INTEGER PRIMARY KEY, t REAL NOT NULL, kind TEXT NOT NULL, principal TEXT NOT NULL,
     data TEXT NOT NULL, hash TEXT NOT NULL);
   CREATE TABLE state (instance TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (instance, key));
   CREATE TABLE segments (seq INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, samples INTEGER NOT NULL, min_t REAL NOT NULL,
     max_t REAL NOT NULL, min_received REAL NOT NULL, max_received REAL NOT NULL);
   CREATE TABLE gaps (id INTEGER PRIMARY KEY AUTOINCREMENT, t REAL NOT NULL, why TEXT NOT NULL, segment INTEGER,
     bytes INTEGER, samples INTEGER, from_t REAL, to_t REAL);`,
  // the index of segments went to the file of history; it is made again from the segments themselves
  'DROP TABLE segments;',
  `CREATE TABLE keys (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, public TEXT NOT NULL, since REAL NOT NULL);
   CREATE TABLE anchors (chain TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL, t REAL NOT NULL,
     key INTEGER NOT NULL, sig TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE seals (id INTEGER PRIMARY KEY AUTOINCREMENT, head TEXT NOT NULL, key INTEGER NOT NULL, sig TEXT NOT NULL);
   CREATE TABLE profiles (id INTEGER PRIMARY KEY, device TEXT NOT NULL, name TEXT NOT NULL, definition TEXT NOT NULL,
     seq INTEGER NOT NULL, hash TEXT NOT NULL, rows INTEGER NOT NULL, UNIQUE (device, name));
   CREATE TABLE profile_rows (id INTEGER PRIMARY KEY AUTOINCREMENT, profile INTEGER NOT NULL, seq INTEGER NOT NULL,
     ends INTEGER NOT NULL, status INTEGER NOT NULL, cells TEXT NOT NULL, source BLOB, prev BLOB NOT NULL,
     hash BLOB NOT NULL, key INTEGER NOT NULL, sig BLOB NOT NULL);
   CREATE UNIQUE INDEX profile_rows_end ON profile_rows (profile, ends);
   CREATE TABLE event_files (event INTEGER NOT NULL, place INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
     bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, dropped REAL, PRIMARY KEY (event, place)) WITHOUT ROWID;`,
  `CREATE TABLE commands (seq INTEGER PRIMARY KEY AUTOINCREMENT, principal TEXT NOT NULL, id TEXT NOT NULL, point TEXT NOT NULL,
     over INTEGER NOT NULL, received REAL NOT NULL, record TEXT NOT NULL, UNIQUE (principal, id));
   CREATE INDEX commands_open ON commands (over) WHERE over = 0;
   CREATE INDEX commands_point ON commands (point, seq);
   CREATE TABLE held (point TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;`,
  `CREATE TABLE lanes (principal TEXT NOT NULL, stream TEXT NOT NULL, open INTEGER NOT NULL, next INTEGER NOT NULL,
     acked TEXT NOT NULL, PRIMARY KEY (principal, stream)) WITHOUT ROWID;
   CREATE TABLE lane_plans (id INTEGER PRIMARY KEY, plan TEXT NOT NULL UNIQUE);
   CREATE TABLE lane_cuts (principal TEXT NOT NULL, stream TEXT NOT NULL, seq INTEGER NOT NULL,
     position INTEGER NOT NULL, plan INTEGER NOT NULL, state TEXT NOT NULL, gone TEXT NOT NULL, gap TEXT,
     PRIMARY KEY (principal, stream, seq, position)) WITHOUT ROWID;`,
  `CREATE TABLE lane_records (principal TEXT NOT NULL, stream TEXT NOT NULL, seq INTEGER NOT NULL, t REAL NOT NULL,
     ids TEXT NOT NULL, PRIMARY KEY (principal, stream, seq)) WITHOUT ROWID;`,
  SUMS_OF_STORE,
];

/**
 * Steps of `history.db`. Chunks have a rowid, or each would fill pages of its own; their index begins with the segment,
 * so that an hour of all points is written to one end of it.
 */
export const HISTORY_STEPS: readonly string[] = [
  `CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE points (handle INTEGER PRIMARY KEY, definition TEXT NOT NULL);
   CREATE TABLE segments (seq INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, samples INTEGER NOT NULL, min_t REAL NOT NULL,
     max_t REAL NOT NULL, min_received REAL NOT NULL, max_received REAL NOT NULL, size INTEGER, blocks BLOB);
   CREATE TABLE chunks (id INTEGER PRIMARY KEY, segment INTEGER NOT NULL, handle INTEGER NOT NULL, data BLOB NOT NULL);
   CREATE UNIQUE INDEX chunks_of ON chunks (segment, handle);`,
  `CREATE TABLE quarters (id INTEGER PRIMARY KEY, handle INTEGER NOT NULL, day INTEGER NOT NULL, upto INTEGER NOT NULL,
     thinned INTEGER NOT NULL, steady INTEGER NOT NULL, whole INTEGER NOT NULL, data BLOB NOT NULL);
   CREATE UNIQUE INDEX quarters_of ON quarters (handle, day);
   CREATE INDEX quarters_day ON quarters (day, thinned);`,
  SUMS_OF_HISTORY,
  // the index begins with the hour, so that an hour of all points is written to one end of it
  `CREATE TABLE minutes (id INTEGER PRIMARY KEY, handle INTEGER NOT NULL, hour INTEGER NOT NULL, upto INTEGER NOT NULL,
     thinned INTEGER NOT NULL, steady INTEGER NOT NULL, whole INTEGER NOT NULL, data BLOB NOT NULL, sum INTEGER NOT NULL,
     sound AS (sum = row_sum('minutes', handle, hour, upto, thinned, steady, whole)) VIRTUAL);
   CREATE UNIQUE INDEX minutes_of ON minutes (hour, handle);`,
];
