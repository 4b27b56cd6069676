import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Box, stop, until } from './smxcore-support.js';

const CONFIG = 'extensions:\n  virtual: { use: virtual-device, config: {} }\n';

type History = Record<string, [t: number, value: unknown][]>;

async function history(box: Box, to: number): Promise<History> {
  const { out, err } = await box.smx(['history', '#', '--from', '0', '--to', String(to), '--json']);
  if (out === '') throw new Error(err);
  const { points } = JSON.parse(out) as { points: History };
  // what the core measures of its own box is of no account here
  return Object.fromEntries(
    Object.entries(points).filter(([path, rows]) => !path.startsWith('box/') && rows.length > 0),
  );
}

describe('smx backup, restore and erase', () => {
  const boxes: Box[] = [];
  const box = (): Box => {
    const made = new Box(CONFIG);
    boxes.push(made);
    return made;
  };
  afterEach(async () => {
    for (const made of boxes.splice(0)) await made.remove();
  });

  it('bring what a running box had onto another, and take it away for good', async () => {
    const first = box();
    const { url } = await first.core();
    const from = Date.now();
    await until(async () => Object.keys(await history(first, Date.now())).length > 0);
    const { out: token } = await first.smx(['token', 'create', '--role', 'installer', '--json']);
    const until0 = Date.now();
    const kept = await history(first, until0);

    const file = join(first.folder, 'box.backup');
    const made = await first.smx(['backup', file, '--with-secrets', '--json']);
    expect([made.status, made.err]).toEqual([0, '']);
    expect(JSON.parse(made.out)).toEqual({ file, bytes: statSync(file).size });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await first.smx(['backup', file])).status).toBe(2);
    const asInstaller = { authorization: `Bearer ${(JSON.parse(token) as { token: string }).token}` };
    expect((await fetch(`${url}/api/v1/backup`, { headers: asInstaller })).status).toBe(403);
    expect((await first.smx(['restore', file])).err).toContain('SMX_STORE_LOCKED');

    const second = box();
    const restored = await second.smx(['restore', file]);
    expect([restored.status, restored.err]).toEqual([0, '']);
    await second.core();
    await until(async () => Object.keys(await history(second, until0)).length > 0);
    expect(await history(second, until0)).toEqual(kept);
    expect((await second.smx(['token', 'list'])).out).toContain('installer');
    expect((await second.smx(['ledger', 'verify'])).status).toBe(0);

    const [path] = Object.keys(kept);
    const erased = await second.smx(['erase', path!, '--before', String(until0 + 1), '--json']);
    expect([erased.status, erased.err]).toEqual([0, '']);
    const { samples, points } = JSON.parse(erased.out) as { samples: number; points: number };
    expect([points, samples >= kept[path!]!.length]).toEqual([1, true]);
    const left = await history(second, until0);
    expect(left[path!]).toBeUndefined();
    expect(Object.keys(left)).toEqual(Object.keys(kept).slice(1));
    expect((await second.smx(['ledger', 'export'])).out).toContain(`"erase":"${path!}"`);
    expect(from).toBeLessThan(until0);
  });

  it('work on the data folder where no core runs, and refuse what is no backup', async () => {
    const own = box();
    const { core } = await own.core();
    await stop(core);
    const file = join(own.folder, 'box.backup');
    expect((await own.smx(['backup', file])).status).toBe(0);
    expect(existsSync(`${file}.part`)).toBe(false);
    const restored = await own.smx(['restore', file]);
    expect([restored.status, restored.err]).toEqual([0, expect.stringContaining('set-up code')]);
    expect(readdirSync(join(own.folder, 'var')).some((name) => name.startsWith('before-restore-'))).toBe(true);
    expect((await own.smx(['erase', '#', '--before', '1h'])).status).toBe(0);
    expect(readdirSync(join(own.folder, 'var')).some((name) => name.startsWith('before-restore-'))).toBe(false);
    writeFileSync(file, 'nothing of the kind'.repeat(100));
    const refused = await own.smx(['restore', file]);
    expect([refused.status, refused.err]).toEqual([1, expect.stringContaining('SMX_STORE_DAMAGED')]);
    expect((await own.smx(['erase', 'a//b', '--before', '1h'])).status).toBe(2);
    expect((await own.smx(['erase', '#'])).status).toBe(2);
  });
});
