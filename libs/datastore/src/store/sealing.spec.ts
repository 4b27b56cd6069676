import { silentLog, VirtualClock, Zone, type HistoryRow } from '@smx-edge/model';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Store } from './store.js';

const CHILD = join(__dirname, '../../test-fixtures/sealing-child.cjs');
const MINUTE = 60_000;
const BEGUN = Date.UTC(2026, 0, 1);

let dir: string;
beforeEach(() => (dir = join(mkdtempSync(join(tmpdir(), 'smx-sealing-')), 'data')));
afterEach(() => rmSync(join(dir, '..'), { recursive: true }));

/** Runs the child until it has told of `minutes` more, kills it a moment later, and gives the last it told of. */
async function runAndKill(first: number, minutes: number, moment: number): Promise<number> {
  const child = spawn(process.execPath, [CHILD, dir, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let last = first - 1;
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    last = Number(line);
    if (last === first + minutes) setTimeout(() => child.kill('SIGKILL'), moment);
  });
  await once(child, 'exit');
  lines.close();
  return last;
}

async function rows(store: Store, path: string): Promise<HistoryRow[]> {
  const found: HistoryRow[] = [];
  for await (const chunk of store.history({ handle: store.live.handleOf(path)!, from: 0, to: 9e12 }))
    found.push(...chunk);
  return found;
}

const filesLeft = (): number => readdirSync(join(dir, 'journal')).filter((name) => name.endsWith('.seg')).length;

describe('kill -9 while segments are sealed', () => {
  it('loses nothing that was durable, doubles nothing and leaves nothing behind', async () => {
    let next = 0;
    for (let round = 0; round < 8; round++) {
      const last = await runAndKill(next, 150, (round * 7) % 25);
      const store = await Store.open({
        ...{ dir, clock: new VirtualClock(BEGUN + (last + 2) * MINUTE), zone: new Zone('UTC'), log: silentLog },
        ...{ flush: 10_000, budget: 1e9, raw: 1e12 },
      });
      const numbers = await rows(store, 'd/number');
      // the one that was under way may be there too
      expect([last + 1, last + 2]).toContain(numbers.length);
      const minutes = Array.from(numbers, (_, n) => n);
      expect(numbers).toEqual(minutes.map((n) => [BEGUN + n * MINUTE, n / 10]));
      expect(await rows(store, 'd/double')).toEqual(minutes.map((n) => [BEGUN + n * MINUTE, Math.sin(n)]));
      expect(await rows(store, 'd/text')).toEqual(minutes.map((n) => [BEGUN + n * MINUTE, `minute ${n}`]));
      await store.settled();
      expect(filesLeft()).toBe(0);
      expect(await rows(store, 'd/number')).toEqual(numbers);
      expect(await store.events({})).toEqual([]);
      await store.close();
      next = numbers.length;
    }
  });
});
