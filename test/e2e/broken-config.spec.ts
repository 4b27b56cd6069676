import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { SampleBatch, silentLog, VirtualClock, type LaneBatch } from '@smx-edge/model';
import { loadConfig, startCore, type Core } from '@smx-edge/smxcore';
import { startMosquitto, type Mosquitto } from '../../libs/northbound/test-support/mosquitto.js';

const START = Date.UTC(2026, 0, 15, 9);
const SOUND = { reader: { grants: [{ read: ['#'] }] }, other: { grants: [{ read: ['pcc/#'] }] } };

let folder: string;
let broker: Mosquitto;
let core: Core;
let clock: VirtualClock;

const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
};

/** Starts the core on a config; `link` and `roles` may be as broken as an operator makes them. */
async function start({ link = {}, roles = SOUND }: { link?: object; roles?: object } = {}): Promise<void> {
  const cloud = { url: `mqtt://127.0.0.1:${broker.port}`, role: 'reader', ...link };
  const config = { site: 'site', timezone: 'Europe/Rome', data: './var', roles: './roles.yaml', links: { cloud } };
  writeFileSync(join(folder, 'roles.yaml'), JSON.stringify({ roles }));
  writeFileSync(join(folder, 'smx.yaml'), JSON.stringify({ ...config, http: { port: 0 }, broker: { port: 0 } }));
  core = await startCore({ loaded: loadConfig(join(folder, 'smx.yaml'), {}), log: silentLog, clock });
}

async function run(seconds: number): Promise<void> {
  const { live } = core.store;
  const handle = live.declare({
    ...{ path: 'pcc/power/active', device: 'pcc', instance: 'p1', unit: 'W', type: 'number', kind: 'measurement' },
    ...{ maxAge: 10_000 },
  });
  for (let s = 0; s < seconds; s++) {
    clock.advance(1000);
    const batch = new SampleBatch();
    batch.clear(clock.now());
    batch.number[batch.add(handle)] = s;
    live.ingest(batch);
    await core.store.stateGet('test', 'none');
  }
}

/** Batches of the link that no consumer has acknowledged. */
const waiting = (): Promise<LaneBatch[]> => core.store.lane.readLane({ principal: 'cloud', stream: 'inst' }, 1, 1000);

/** What the outside broker keeps for the party, by topic. */
async function kept(): Promise<Map<string, string>> {
  const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
  const found = new Map<string, string>();
  client.on('message', (topic, payload) => found.set(topic, payload.toString()));
  await client.subscribeAsync('smx/#', { qos: 1 });
  await client.publishAsync('smx/mark', '.', { qos: 1 });
  await until(() => found.has('smx/mark'));
  await client.endAsync();
  return found;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'smx-broken-'));
  clock = new VirtualClock(START);
  broker = await startMosquitto();
  await start();
  await until(async () => (await kept()).has('smx/1/site/cloud/cat'));
  await run(60);
  await core.store.flush();
});

afterEach(async () => {
  await core.stop();
  await broker.remove();
  rmSync(folder, { recursive: true, force: true });
});

it.each([
  ['a link section with a mistyped key', { link: { nows: '1s' } }],
  ['a mistyped key in the role of a link', { roles: { ...SOUND, reader: { grants: [{ read: ['#'], evry: '1s' }] } } }],
  ['a mistyped key in another role', { roles: { ...SOUND, other: { grants: [{ read: ['#'], evry: '1s' }] } } }],
  ['a roles file that cannot be used', { roles: [] }],
])('%s ends no stream, revokes nothing and empties no topic', async (_what, broken) => {
  const before = await waiting();
  expect(before.length).toBeGreaterThan(2);
  await core.stop();
  await start(broken);
  await run(20);
  await core.stop();
  const { size } = await kept();
  expect([size > 2, (await kept()).get('smx/1/site/cloud/cat')]).toEqual([true, expect.stringContaining('pcc')]);
  await start();
  await run(20);
  await core.store.flush();
  const after = await waiting();
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.filter((batch) => 'gap' in batch)).toEqual([]);
});
