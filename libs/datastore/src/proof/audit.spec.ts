import type { LedgerEntry } from '@smx-edge/model';
import * as fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '../canonical-json.js';
import { openDatabase, STORE, type Sqlite } from '../database/database.js';
import { Evidence, type EvidenceOptions } from '../database/evidence.js';
import { sourceOf, verifyEvidence } from '../worker/verify-job.js';
import { exportLines } from './export.js';
import { verifyExport } from './verify-export.js';

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

let folder: string;
let db: Sqlite;
let evidence: Evidence;

function begin(bounds: Partial<EvidenceOptions> = {}): void {
  folder = mkdtempSync(join(tmpdir(), 'smx-audit-'));
  ({ db } = openDatabase(folder, STORE, START));
  evidence = new Evidence(db, { folder, ...bounds });
}
const write = (work: () => void): void => {
  db.transaction(work)();
  evidence.news.settle();
};
function grow(hours: number, from = 0): void {
  for (let h = from; h < from + hours; h++)
    write(() => {
      const now = START + h * HOUR;
      for (const principal of ['dso', 'esco'])
        evidence.ledger.append({ t: now, kind: 'disclosure', principal, data: { n: h } });
      for (const id of ['P.01', 'P.98']) {
        const columns = [{ obis: '1-0:1.8.0', unit: 'Wh' }];
        evidence.profiles.put({ device: 'pcc', id, period: HOUR, columns });
        const rows = [0, 1].map((half): [number, number, string] => [now + half * 1000, 0, `${h}.${half}`]);
        evidence.profiles.append({ device: 'pcc', id, rows, source: null }, now);
      }
      if (evidence.isSealDue(now)) evidence.seal(now);
    });
}
async function exported(): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of exportLines(sourceOf(evidence, START), { page: 7 })) lines.push(JSON.stringify(line));
  return lines;
}
/** Line numbers of entries, and of rows of one profile. */
const places = (lines: readonly string[], mark: string): number[] =>
  lines.flatMap((line, i) => (line.startsWith(mark) ? [i] : []));

afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

describe('an export', () => {
  it('verifies whole, with members in any order and blank lines, under the key of the box alone', async () => {
    begin();
    grow(5);
    const lines = await exported();
    const whole = { ok: true, entries: 15, rows: 20, profiles: 2, seals: 5, faults: [] };
    expect(await verifyExport(lines)).toMatchObject(whole);
    const turned = lines.map((line) => canonicalJson(JSON.parse(line)));
    const { keys } = await verifyExport([...turned, '']);
    expect(await verifyExport(turned, new Set(keys))).toMatchObject(whole);
    expect((await verifyExport(turned, new Set(['0123456789abcdef']))).ok).toBe(false);
    expect(await verifyEvidence(evidence, START)).toMatchObject(whole);
    const text = await verifyExport(['null', '5', '[]', 'text', '{}', '{"row":5}', '{"head":{}}', '{"seal":null}']);
    expect([text.ok, text.faults.length]).toEqual([false, 10]);
  });

  it('does not verify with one character changed in any entry, row, or head', async () => {
    begin();
    grow(2);
    const lines = await exported();
    const parts = ['{"export"', '{"seq"', '{"row"', '{"profile"', '{"head"'].flatMap((mark) => places(lines, mark));
    for (const place of parts) {
      const line = lines[place]!;
      for (let at = 0; at < line.length; at += 7) {
        const changed = line.slice(0, at) + (line[at] === '7' ? '8' : '7') + line.slice(at + 1);
        // the last digits of base64 hold bits that stand for nothing
        if (/"[\w+/=]*$/.test(line.slice(0, at)) && /^[\w+/]{0,2}=*"/.test(line.slice(at))) continue;
        const verdict = await verifyExport([...lines.slice(0, place), changed, ...lines.slice(place + 1)]);
        if (verdict.ok) throw new Error(`not found: ${changed}`);
      }
    }
  });

  it('does not verify with entries or rows left out, doubled, moved or cut off', async () => {
    begin();
    grow(4);
    const lines = await exported();
    for (const mark of ['{"seq"', '{"row":{"of":"pcc/P.01"']) {
      const own = places(lines, mark);
      const others = lines.filter((_, i) => !own.includes(i));
      const at = own[0]!;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 0, max: own.length - 1 }), { maxLength: own.length + 2 }),
          async (order) => {
            const isWhole = order.length === own.length && order.every((n, i) => n === i);
            const changed = [...others.slice(0, at), ...order.map((n) => lines[own[n]!]!), ...others.slice(at)];
            expect((await verifyExport(changed)).ok).toBe(isWhole);
          },
        ),
        { numRuns: 60 },
      );
    }
    for (let n = 0; n < lines.length; n++) expect((await verifyExport(lines.slice(0, n))).ok).toBe(false);
    expect((await verifyExport(lines.slice(1))).faults).toEqual(['its first line is not that of its signed head']);
  });

  it('names what is withheld, and verifies the rest', async () => {
    begin();
    grow(2);
    const lines: string[] = [];
    const options = { page: 100, mayGive: (path: string) => path === 'pcc/P.98' };
    for await (const line of exportLines(sourceOf(evidence, START), options)) lines.push(JSON.stringify(line));
    expect(lines.join()).not.toContain('"of":"pcc/P.01"');
    expect(await verifyExport(lines)).toMatchObject({ ok: true, rows: 4, profiles: 1 });
  });
});

describe('a store', () => {
  const tampering: readonly [string, string, string][] = [
    ['a row was changed', `UPDATE profile_rows SET cells = '["9"]' WHERE id = 5`, 'pcc/P.01: link'],
    ['the status of a row was changed', 'UPDATE profile_rows SET status = 1 WHERE id = 5', 'pcc/P.01: link'],
    ['a row was taken out', 'DELETE FROM profile_rows WHERE id = 3', 'pcc/P.98: link'],
    ['the first rows were taken out', 'DELETE FROM profile_rows WHERE id < 9', 'pcc/P.01: link 1'],
    ['the last row was taken out', 'DELETE FROM profile_rows WHERE id = 40', 'pcc/P.98: it ends'],
    ['a unit was changed', `UPDATE profiles SET definition = replace(definition, 'Wh', 'kWh')`, 'pcc/P.01: link 1'],
    [
      'a signature was put in place of another',
      'UPDATE profile_rows SET sig = (SELECT sig FROM profile_rows WHERE id = 1) WHERE id = 2',
      'not signed',
    ],
    ['an entry was changed', `UPDATE ledger SET principal = 'x' WHERE seq = 4`, 'the ledger: link 4'],
    ['the oldest entries were taken out', 'DELETE FROM ledger WHERE seq < 4', 'the ledger: link 1'],
    ['an entry is no JSON', `UPDATE ledger SET data = '{' WHERE seq = 4`, 'the ledger: link 4'],
    ['a whole profile was taken out', `DELETE FROM profile_rows WHERE profile = 1`, 'pcc/P.01: it ends'],
  ];
  it.each(tampering)('tells that %s', async (_, sql, fault) => {
    begin();
    grow(10);
    expect((await verifyEvidence(evidence, START)).ok).toBe(true);
    db.exec(sql);
    const { ok, faults } = await verifyEvidence(evidence, START);
    expect([ok, faults.join('\n')]).toEqual([false, expect.stringContaining(fault)]);
  });

  it('tells rows that were cut off together with all that says where they end', async () => {
    begin();
    grow(10);
    // who can write the database but not sign: the ends are set back so that they fit
    db.exec(`DELETE FROM profile_rows WHERE profile = 1 AND seq > 10; UPDATE profiles SET seq = 10, hash =
      (SELECT lower(hex(hash)) FROM profile_rows WHERE profile = 1 AND seq = 10) WHERE id = 1;`);
    const { ok, faults } = await verifyEvidence(evidence, START);
    expect([ok, faults.join()]).toEqual([false, expect.stringContaining('pcc/P.01: links up to 20 were sealed')]);
  });

  it('prunes behind anchors that only the box can sign', async () => {
    begin({ entries: 12, rows: 30 });
    grow(40);
    expect(evidence.ledger.read(1, 100).length).toBeLessThanOrEqual(24);
    const count = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM profile_rows').get()!.n;
    expect(count).toBeLessThanOrEqual(30);
    expect(evidence.profiles.last({ device: 'pcc', id: 'P.01' })).toBe(START + 39 * HOUR + 1000);
    const lines = await exported();
    expect(await verifyExport(lines)).toMatchObject({ ok: true, rows: count, profiles: 2 });
    expect(await verifyEvidence(evidence, START)).toMatchObject({ ok: true, rows: count });
    for (const place of places(lines, '{"anchor"')) {
      expect((await verifyExport(lines.filter((_, i) => i !== place))).ok).toBe(false);
      // the signature of a row is none of an anchor, or whoever cut rows off could make one
      const { anchor } = JSON.parse(lines[place]!) as { anchor: { seq: number; hash: string } };
      const row = places(lines, '{"row"')[0]!;
      const forged = { anchor: { ...anchor, ...(JSON.parse(lines[row]!) as { row: object }).row } };
      expect((await verifyExport(lines.map((line, i) => (i === place ? JSON.stringify(forged) : line)))).ok).toBe(
        false,
      );
    }
  });

  it('seals each hour in which something was added, and puts the ends of load profiles into the ledger', async () => {
    begin();
    expect([evidence.isSealDue(START), evidence.begin(START).seals]).toEqual([false, []]);
    grow(1);
    grow(1, 1);
    write(() => evidence.ledger.append({ t: START, kind: 'login', principal: 'dso', data: {} }));
    const at = (minutes: number): boolean => evidence.isSealDue(START + HOUR + minutes * 60_000);
    expect([at(0), at(59), at(60), at(-60)]).toEqual([false, false, true, true]);
    write(() => evidence.seal(START + 2 * HOUR));
    expect([at(120), evidence.begin(START).seals.length]).toEqual([false, 3]);
    const heads = evidence.ledger.read(1, 100).filter(({ kind }): boolean => kind === 'profile');
    expect(heads.map(({ data }: LedgerEntry) => (data['heads'] as unknown[]).length)).toEqual([2, 2]);
  });

  it('tells files of events that are not what they were', async () => {
    begin();
    const file = (event: number): void =>
      write(() => {
        const files = ['a', 'b'].map((name) => ({ name, type: 'a/b', bytes: Uint8Array.of(event) }));
        evidence.files.add(event, { code: 'x', files, now: START });
      });
    for (let event = 1; event <= 4; event++) file(event);
    expect((await verifyEvidence(evidence, START)).ok).toBe(true);
    writeFileSync(join(folder, 'files/1-0'), 'other');
    rmSync(join(folder, 'files/2-1'));
    db.exec(`DELETE FROM event_files WHERE event = 3 AND place = 0; UPDATE event_files SET dropped = 1 WHERE event = 3;
      UPDATE event_files SET sha256 = 'ab' WHERE event = 4 AND place = 1`);
    const { faults } = await verifyEvidence(evidence, START);
    expect([...faults].sort()).toEqual([
      'file a of event 1 is missing or damaged',
      'file a of event 3 is gone without a record',
      'file b of event 2 is missing or damaged',
      'file b of event 3 is gone without a record',
      'file b of event 4 is not the one of the ledger',
    ]);
  });
});
