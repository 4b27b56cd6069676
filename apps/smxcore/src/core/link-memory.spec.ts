import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, VirtualClock } from '@smx-edge/model';
import { loadConfig, type Config } from '../config/index.js';
import { LinkMemory } from './link-memory.js';

let folder: string;
let clock: VirtualClock;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smx-memory-'));
  clock = new VirtualClock();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function config(links: string): Config {
  const file = join(folder, 'smx.yaml');
  writeFileSync(file, `site: s\ndata: .\nlinks: {${links}}\n`);
  return loadConfig(file, { SECRET: 'hunter2' }).config!;
}

const gone = (links: string): string[] =>
  new LinkMemory({ config: config(links), clock, log: silentLog })
    .renew()
    .map(({ options }) => `${options.name} ${options.alias} ${options.url}`);

const A = 'a: { url: "mqtt://one", role: r, alias: k1 }';

it('gives what was taken out, renamed or pointed elsewhere, until it is done', () => {
  expect(gone(A)).toEqual([]);
  expect(gone(A)).toEqual([]);
  expect(gone(A.replace('one', 'two'))).toEqual(['a k1 mqtt://one']);
  expect(gone(A.replace('one', 'two').replace('k1', 'k2')).sort()).toEqual(['a k1 mqtt://one', 'a k1 mqtt://two']);
  const memory = new LinkMemory({ config: config(''), clock, log: silentLog });
  for (const { done } of memory.renew()) done?.();
  expect(gone('')).toEqual([]);
});

it('gives up after a month', () => {
  gone(A);
  clock.advance(29 * 86_400_000);
  expect(gone('')).toHaveLength(1);
  clock.advance(2 * 86_400_000);
  expect(gone('')).toEqual([]);
});

it.each(['a: { url: "mqtt://one", rolle: r }', 'A: { url: "mqtt://one", role: r }'])(
  'forgets nothing while the config may say more than can be read, however long that lasts: %s',
  (broken) => {
    gone(A);
    expect(gone(broken)).toEqual([]);
    clock.advance(20 * 86_400_000);
    expect(gone(broken)).toEqual([]);
    clock.advance(20 * 86_400_000);
    expect(gone('')).toEqual(['a k1 mqtt://one']);
  },
);

it('keeps no password, and nothing for others to read', () => {
  gone(`b: { url: "mqtt://one", role: r, auth: { user: u, password: "\${SECRET}" } }, ${A}`);
  const file = join(folder, 'links.json');
  expect(readFileSync(file, 'utf8')).not.toContain('hunter2');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it.each(['', '{}', '[1, null, {}]', '[{"name":"x","site":"a/b","at":1,"section":{}}]', '\u0000'])(
  'a damaged file (%j) is no reason not to start',
  (text) => {
    writeFileSync(join(folder, 'links.json'), text);
    expect(gone(A)).toEqual([]);
    expect(gone('')).toEqual(['a k1 mqtt://one']);
  },
);
