import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
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

interface Written {
  readonly link?: object;
  readonly roles?: object;
  /** Members of the config; undefined = it has none such. */
  readonly config?: (cloud: object) => object;
}

/** Starts the core on a config; all of it may be as broken as an operator makes it. */
async function start({ link = {}, roles = SOUND, config }: Written = {}): Promise<void> {
  const cloud = { url: `mqtt://127.0.0.1:${broker.port}`, role: 'reader', ...link };
  const sound = { site: 'site', timezone: 'Europe/Rome', data: './var', roles: './roles.yaml', links: { cloud } };
  const written = { ...sound, http: { port: 0 }, broker: { port: 0 }, ...config?.(cloud) };
  writeFileSync(join(folder, 'roles.yaml'), JSON.stringify({ roles }));
  writeFileSync(join(folder, 'smx.yaml'), JSON.stringify(written));
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

async function links(): Promise<{ name: string; state: string; former?: boolean }[]> {
  const secret = readFileSync(join(folder, 'var/secret'), 'utf8').trim();
  const answer = await fetch(`${core.url}/api/v1/links`, { headers: { authorization: `Bearer ${secret}` } });
  return (await answer.json()) as { name: string; state: string }[];
}

/** What a link has to say to the broker is said: a link that is to be emptied has come to its end. */
const settled = (): Promise<void> =>
  until(async () => (await links()).every(({ state }) => ['online', 'ended', 'failed'].includes(state)));

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
  ['a role under a name that is none', { roles: { Reader: SOUND.reader, other: SOUND.other } }],
  ['a link under a name that is none', { config: (cloud: object) => ({ links: { Cloud: cloud } }) }],
  ['links under a mistyped key', { config: (cloud: object) => ({ links: undefined, lniks: { cloud } }) }],
  ['links that are no mapping', { config: () => ({ links: [] }) }],
  ['the roles file under a mistyped key', { config: () => ({ roles: undefined, rolse: './roles.yaml' }) }],
  ['the roles file by a variable that is not set', { config: () => ({ roles: '${NOWHERE}' }) }],
])('%s ends no stream, revokes nothing and empties no topic', async (_what, broken) => {
  const before = await waiting();
  expect(before.length).toBeGreaterThan(2);
  await core.stop();
  await start(broken);
  await run(20);
  const rows = await links();
  expect([rows.filter(({ name }) => name === 'cloud').length <= 1, rows.some(({ former }) => former)]).toEqual([
    true,
    false,
  ]);
  await settled();
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

it('gives the party of a role with a fault nothing while it lasts, and all of it afterwards', async () => {
  const { token } = await core.principals.createToken({ role: 'other', name: 'local-party' });
  const login = (): Promise<MqttClient> =>
    connectAsync(`mqtt://127.0.0.1:${core.broker!.port}`, { username: 'local-party', password: token });
  const own = { principal: 'local-party', stream: 'inst' };
  const first = await login();
  await first.subscribeAsync('smx/1/site/local-party/t/#', { qos: 1 });
  await until(async () => (await core.store.lane.lanes()).some(({ principal }) => principal === own.principal));
  await first.endAsync();
  await run(60);
  await core.store.flush();
  const before = await core.store.lane.readLane(own, 1, 1000);
  expect(before.length).toBeGreaterThan(2);
  await core.stop();
  await start({ roles: { ...SOUND, other: { grants: [{ read: ['#'], evry: '1s' }] } } });
  await run(20);
  const during = await login();
  const seen: string[] = [];
  const came = new Map<string, string>();
  during.on('message', (topic, payload) => {
    seen.push(topic);
    came.set(topic, payload.toString());
  });
  await during.subscribeAsync('smx/1/site/local-party/#', { qos: 1 });
  await until(() => came.has('smx/1/site/local-party/cat'));
  await run(20);
  await core.store.flush();
  expect(JSON.parse(came.get('smx/1/site/local-party/cat')!)).toMatchObject({ points: [], devices: [] });
  expect(seen.filter((topic) => /\/(now|t\/.*)$/.test(topic))).toEqual([]);
  await during.endAsync();
  await core.stop();
  await start();
  await run(20);
  await core.store.flush();
  const after = await core.store.lane.readLane(own, 1, 1000);
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.filter((batch) => 'gap' in batch)).toEqual([]);
});

it('keeps the devices of extensions under a mistyped key, and forgets those of extensions that are gone', async () => {
  await core.stop();
  await start({ config: () => ({ extnsions: { p1: { use: 'p1-reader' } } }) });
  expect(core.store.live.handleOf('pcc/power/active')).toBeDefined();
  await core.stop();
  await start({ config: () => ({ note: 'of no section', extensions: {} }) });
  expect(core.store.live.handleOf('pcc/power/active')).toBeUndefined();
});

it.each([
  ['a key that is no limit, for a device', { note: 'of no section' }, 'pv/power/limit', 'SMX_COMMAND_CONTROL_OFF'],
  ['limits under a mistyped key, for a device', { limts: { import: 1 } }, 'pv/power/limit', 'SMX_CONFIG_INVALID'],
  ['limits under another key, for a device', { grid: { import: 1 } }, 'pv/power/limit', 'SMX_CONFIG_INVALID'],
  ['limits under a mistyped key, for the envelope', { limts: { import: 1 } }, 'box/limit/import', undefined],
])('takes a command while there is %s, or refuses it with its reason', async (_what, more, point, code) => {
  await core.stop();
  await start({ config: () => more });
  core.store.live.declare({
    ...{
      path: 'pv/power/limit',
      device: 'pv',
      instance: 'sun',
      unit: 'W',
      type: 'number',
      kind: 'setpoint',
      maxAge: 0,
    },
    setpoint: { min: 0, max: 5000, default: 5000 },
  });
  const secret = readFileSync(join(folder, 'var/secret'), 'utf8').trim();
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ point, value: 3000, for: '1m' });
  const answer = await fetch(`${core.url}/api/v1/commands`, { method: 'POST', headers, body });
  const said = (await answer.json()) as { id?: string; code?: string };
  expect([answer.status === 202, said.code]).toEqual([code === undefined, code]);
  // nothing is left for the stop to put back, which the virtual clock would not let come to its end
  if (said.id !== undefined)
    await fetch(`${core.url}/api/v1/commands/${said.id}`, {
      method: 'DELETE',
      headers: { authorization: headers.authorization },
    });
});

it('keeps config and roles as they last were without a fault', async () => {
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const [config, roles] = [read('smx.yaml'), read('roles.yaml')];
  await core.stop();
  await start({ config: () => ({ limts: { import: 1 } }), roles: { ...SOUND, third: { grants: [] } } });
  expect([read('var/config.good.yaml'), read('var/roles.good.yaml')]).toEqual([config, roles]);
  expect(statSync(join(folder, 'var/config.good.yaml')).mode & 0o777).toBe(0o600);
  await core.stop();
  await start({ roles: { ...SOUND, third: { grants: [] } } });
  expect([read('var/config.good.yaml'), read('var/roles.good.yaml')]).toEqual([config, read('roles.yaml')]);
});

it('takes nothing back of what was cut where a device is taken out, also after a restart', async () => {
  const before = await waiting();
  await core.stop();
  // the instance behind the points is in no config: they are removed at the start
  await start();
  expect(core.store.live.handleOf('pcc/power/active')).toBeUndefined();
  clock.advance(20_000);
  await core.store.flush();
  await until(async () => (await waiting()).length > before.length);
  expect((await waiting()).slice(0, before.length)).toEqual(before);
});
