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
];
