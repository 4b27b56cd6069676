import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { control, parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';
import { startMosquitto, type Mosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import { Box, until } from './smxcore-support.js';

/**
 * Recognition of appliances in a real box, on the virtual house's own waves: off until the owner consents, its points and
 * calls given by full names only, on every exit, and kept over a death.
 */
const ESSENTIALS = 'site: test\ndata: ./var\nhttp: { port: 0 }\nbroker: { port: 0 }\nroles: ./roles.yaml\n';
const WIDE = ['#', 's1/#', '+/appliance/#', 's1/appliance/+/power', 's1/+', '+/scope'];
const IDS = Array.from({ length: 30 }, (_none, k) => `s1/appliance/a${k + 1}/power`);
const ROLES = {
  wide: { grants: [{ read: WIDE, history: WIDE, events: WIDE, profiles: WIDE, call: WIDE }] },
  exact: { grants: [{ read: IDS, history: IDS }, { call: ['s1/appliances', 's1/scope'] }] },
};

/** A kettle that the test switches. */
class Kettle {
  readonly name = 'kettle';
  isOn = false;
  add(_moment: unknown, into: { readonly watt: Float64Array }): void {
    if (this.isOn) into.watt[0]! += 2000;
  }
}

interface Appliance {
  readonly id: string;
  readonly name: string | null;
  readonly power: number;
  readonly isOn: boolean;
}

let site: Site;
let box: Box;
let broker: Mosquitto;
const clients: MqttClient[] = [];
const tokens: Record<string, string> = {};
let url = '';

beforeEach(async () => {
  box = new Box('', ESSENTIALS);
  broker = await startMosquitto();
  site = await startSite(parseSiteConfig({ meters: [{ protocol: 's1', name: 's1', port: 0 }] }));
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.endAsync(true);
  await box.remove();
  await broker.remove();
  await site.stop();
});

async function ask(as: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${url}/api/v1/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${tokens[as]}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
}
const call = (as: string, name: string, args = {}) => ask(as, `extensions/s1/calls/${name}`, args);
const statuses = (as: readonly string[], name: string, args = {}): Promise<number[]> =>
  Promise.all(as.map(async (who) => (await call(who, name, args)).status));
async function appliances(): Promise<readonly Appliance[]> {
  const { status, text } = await call('owner', 'appliances');
  return status === 200 ? (JSON.parse(text) as { appliances: readonly Appliance[] }).appliances : [];
}

/** So many seconds of the house's wave went by in the box: states between steps must stand for one. */
async function seconds(n: number): Promise<void> {
  const at = async (): Promise<number> =>
    (JSON.parse((await ask('owner', 'points/s1/voltage/l1')).text) as { t: number }).t;
  const from = await at();
  await until(async () => (await at()) >= from + n * 1000);
}

/** Everything that comes to a client of a broker which asks for all. */
async function listen(port: number, more: object = {}): Promise<{ topics: string[]; all: () => string }> {
  const topics: string[] = [];
  const payloads: string[] = [];
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, ...more });
  clients.push(client);
  client.on('error', () => undefined);
  client.on('message', (topic, payload) => {
    topics.push(topic);
    payloads.push(payload.toString());
  });
  await client.subscribeAsync('#', { qos: 1 });
  return { topics, all: () => payloads.join('\n') };
}

/** What comes over SSE, until the test ends. */
function stream(as: string): () => string {
  let got = '';
  const read = async (): Promise<void> => {
    const answer = await fetch(`${url}/api/v1/stream?match=%23`, {
      headers: { authorization: `Bearer ${tokens[as]}` },
    });
    for await (const chunk of answer.body!) got += Buffer.from(chunk as Uint8Array).toString();
  };
  read().catch(() => undefined);
  return () => got;
}

it('recognises what the resident lets it, and tells it to nobody whom it was not granted by name', async () => {
  writeFileSync(join(box.folder, 'roles.yaml'), JSON.stringify({ roles: ROLES }));
  for (const role of ['owner', 'installer', 'viewer', 'wide', 'exact']) {
    const made = await box.smx(['token', 'create', '--role', role, '--json']);
    tokens[role] = (JSON.parse(made.out) as { token: string }).token;
  }
  const source = `tcp://127.0.0.1:${site.meters.get('s1')!.address.port}`;
  const extensions = { s1: { use: 's1-reader', config: { source, invert: false } } };
  const links = {
    away: { url: `mqtt://127.0.0.1:${broker.port}`, role: 'wide', now: '100ms', batch: '1s', compress: 'none' },
  };
  box.write(
    `${ESSENTIALS}history: { flush: 1s }\nextensions: ${JSON.stringify(extensions)}\nlinks: ${JSON.stringify(links)}\n`,
  );
  const kettle = new Kettle();
  site.house.household.add(kettle);
  const first = await box.core();
  url = first.url;
  const away = await listen(broker.port);
  const local = await listen(first.broker!.port, { username: 'wide', password: tokens['wide'] });
  const named = await listen(first.broker!.port, { username: 'exact', password: tokens['exact'] });
  const streamed = stream('wide');
  await until(async () => (await ask('owner', 'points/s1/voltage/l1')).status === 200);

  // off, and nobody but the owner turns it on
  expect(await appliances()).toEqual([]);
  const others = ['installer', 'viewer', 'wide', 'exact'];
  expect(await statuses(others, 'loads-consent', { consent: 'given' })).toEqual([403, 403, 403, 403]);
  expect(JSON.parse((await call('exact', 'appliances')).text)).toMatchObject({ recognition: 'off' });
  const given = await box.smx(['call', 's1', 'loads-consent', 'consent=given', '--json']);
  expect(JSON.parse(given.out)).toMatchObject({ recognition: 'on' });
  expect((await ask('owner', 'ledger')).text).toContain('"s1/loads-consent/given"');

  // the kettle is seen to run and to stop
  const isKettle = ({ power }: Appliance): boolean => Math.abs(power - 2000) < 100;
  const { id } = await until(async () => {
    kettle.isOn = !kettle.isOn;
    await seconds(4);
    return (await appliances()).find((one) => isKettle(one) && one.isOn);
  });
  kettle.isOn = false;
  await until(async () => (await appliances()).some((one) => isKettle(one) && !one.isOn));
  expect(await statuses(others, 'name-appliance', { id, name: 'Kettle' })).toEqual([403, 403, 403, 403]);
  expect((await call('owner', 'name-appliance', { id, name: 'Kettle' })).status).toBe(200);
  const power = `s1/appliance/${id}/power`;
  await until(async () => (await ask('owner', `points/s1/appliance/${id}/name`)).text.includes('Kettle'));
  await until(async () => (await ask('exact', `points/${power}`)).status === 200);
  await until(() => named.all().includes(power));
  await until(async () => (await ask('exact', `history?match=${power}&from=1h&to=0s`)).text.includes('[['));

  // a dip and its wave
  expect(control(site, JSON.stringify({ do: 'dip', meter: 's1', to: 60, for: 0.2 }))).toEqual({ ok: true });
  await until(async () => (await ask('wide', 'events')).text.includes('waveform.json.gz'));

  // wildcards: every exit has been heard well after the points were there, and none told of them
  const mark = Date.now();
  const heard = (text: string): boolean => [...text.matchAll(/"t":(\d{13})/g)].some(([, t]) => Number(t) > mark + 2000);
  await until(() => heard(away.all()) && heard(local.all()) && heard(streamed()));
  await until(() => ['/t/inst', '/t/event'].every((end) => away.topics.some((topic) => topic.endsWith(end))));
  for (const text of [away.all(), local.all(), streamed()]) {
    expect(text).toContain('s1/voltage/l1');
    expect(text).not.toMatch(/appliance|Kettle|scope|spectrum|phasors/);
    // of a wave its name alone leaves: no list as long as one, nor its file
    expect(text).not.toMatch(/(-?[\d.]+,){200}|[\w+/]{500}/);
  }
  for (const who of ['wide', 'viewer', 'installer']) {
    for (const path of ['points', 'points?match=s1/%23', 'events', 'history?match=%23&from=1h&to=0s', 'devices']) {
      const { text } = await ask(who, path);
      expect(`${who} ${path} ${text}`).not.toMatch(/appliance|Kettle/);
    }
    expect((await ask(who, `points/${power}`)).status).toBe(404);
  }
  // raw samples and what is made of the last ones: by full name only
  expect(await statuses(['wide', 'installer'], 'scope')).toEqual([403, 403]);
  expect(await statuses(['wide', 'installer'], 'spectrum')).toEqual([403, 403]);
  expect(await statuses(['wide', 'installer'], 'phasors')).toEqual([403, 403]);
  expect(await statuses(['exact', 'owner'], 'scope')).toEqual([200, 200]);
  expect(await statuses(['exact'], 'spectrum')).toEqual([403]);
  expect(await statuses(['wide', 'installer'], 'counters')).toEqual([200, 200]);

  // what was learned outlives the box
  first.core.child.kill('SIGKILL');
  await first.core.ended();
  url = (await box.core()).url;
  const again = await until(async () => (await appliances()).find(({ name }) => name === 'Kettle'));
  expect(again.id).toBe(id);

  // and ends with the consent
  expect((await call('owner', 'loads-consent', { consent: 'withdrawn' })).status).toBe(200);
  await until(async () => (await ask('owner', `points/${power}`)).status === 404);
  expect(await appliances()).toEqual([]);
  expect((await ask('owner', 'ledger')).text).toContain('"s1/loads-consent/withdrawn"');
  const erased = await box.smx(['erase', 's1/appliance/#', '--before', '0s', '--json']);
  expect((JSON.parse(erased.out) as { samples: number }).samples).toBeGreaterThan(0);
}, 420_000);
