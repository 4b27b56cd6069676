import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HISTORY, openDatabase, readMeta, STORE, type DatabaseKind } from './database.js';
import { EventTable } from './event-table.js';
import { Evidence } from './evidence.js';
import { SUMS_OF_HISTORY, SUMS_OF_STORE } from './schema-sums.js';
import { SegmentTable } from './segment-table.js';
import { WindowTable } from './window-table.js';
import { QUARTERS } from '../windows/resolution.js';

const EPOCH = 1_700_000_000_000;
let folder: string;

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'smx-upgrade-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const SUMS: ReadonlySet<string> = new Set([SUMS_OF_STORE, SUMS_OF_HISTORY]);

/** A file as the version before sums left it, with rows. */
function before(kind: DatabaseKind, rows: string): void {
  const db = new Database(join(folder, kind.file));
  db.pragma('journal_mode = WAL');
  const steps = kind.steps.slice(
    0,
    kind.steps.findIndex((step) => SUMS.has(step)),
  );
  for (const step of steps) db.exec(step);
  db.pragma(`user_version = ${steps.length}`);
  db.exec(`INSERT INTO meta VALUES ('epoch', '${EPOCH}'); ${rows}`);
  db.close();
}

describe('a store of the version before sums', () => {
  it('opens with all its rows, each with a sum, and goes on with its ids', () => {
    before(
      STORE,
      `INSERT INTO events VALUES (498, 1, 'box', 'A', 'info', 'once', 'first', '{"n":1}'),
         (499, 2.5, 'box', 'B', 'info', 'once', 'second', NULL);
       UPDATE sqlite_sequence SET seq = 700 WHERE name = 'events';
       INSERT INTO keys VALUES (1, 'k', 'p', 1);
       INSERT INTO profiles VALUES (1, 'd', 'p', '{}', 1, 'h', 1);
       INSERT INTO profile_rows VALUES (9, 1, 1, 60000, 0, '["1.0"]', NULL, x'00', x'01', 1, x'02');
       INSERT INTO lanes VALUES ('party', 'inst', 1, 12, '[[1,3]]');`,
    );
    for (let n = 0; n < 2; n++) {
      const { db, epoch } = openDatabase(folder, STORE, EPOCH + 5);
      const { files, profiles } = new Evidence(db, { folder });
      const events = new EventTable(db, files);
      expect(epoch).toBe(EPOCH);
      expect(events.read({ to: 2.5 })).toMatchObject([
        { id: 498, t: 1, text: 'first', data: { n: 1 } },
        { id: 499, t: 2.5, text: 'second' },
      ]);
      const added = { t: 3, path: 'box', code: 'C', severity: 'info', state: 'once', text: 'third' } as const;
      expect(events.add(added).id).toBe(701 + n);
      expect(profiles.read({ device: 'd', id: 'p', from: 0, to: 1e9 }, 1)).toMatchObject([
        { id: 9, row: [60000, 0, '1.0'] },
      ]);
      expect(db.prepare('SELECT next, acked, sound FROM lanes').all()).toEqual([
        { next: 12, acked: '[[1,3]]', sound: 1 },
      ]);
      db.close();
    }
  });
});

describe('a history of the version before sums', () => {
  it('opens with its segments, and with windows that were written without a sum', () => {
    before(
      HISTORY,
      `INSERT INTO meta VALUES ('segment', '8');
       INSERT INTO segments VALUES (7, 100, 5, 1, 2, 1, 2, 30, x'0102'), (8, 100, 5, 3, 4, 3, 4, NULL, NULL);
       INSERT INTO quarters VALUES (1, 3, 20, 7, 0, 1, 1, x'00');`,
    );
    for (let n = 0; n < 2; n++) {
      const { db } = openDatabase(folder, HISTORY, EPOCH);
      const segments = new SegmentTable(db);
      expect(segments.sealed()).toMatchObject([{ seq: 7, samples: 5, maxT: 2, size: 30 }]);
      expect(segments.files()).toMatchObject([{ seq: 8, minT: 3 }]);
      expect(segments.parts(7)).toEqual({ blocks: Buffer.from([1, 2]), points: null });
      const quarters = new WindowTable(db, QUARTERS);
      expect(quarters.row(3, 20)).toMatchObject({ upto: 7, thinned: n > 0, steady: true });
      quarters.setThinned(3, 20);
      expect(quarters.row(3, 20)).toMatchObject({ thinned: true });
      db.exec('UPDATE quarters SET upto = 8');
      expect(quarters.row(3, 20)).toBeUndefined();
      db.exec('UPDATE quarters SET upto = 7');
      expect(readMeta(db, 'segment')).toBe('8');
      db.close();
    }
  });
});
