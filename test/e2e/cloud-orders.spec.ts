import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { startMosquitto, type Mosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import { Cloud } from './cloud-support.js';
import { Box, stop, until } from './smxcore-support.js';

const POINT = 'battery/power/setpoint';
const ROLES = {
  roles: {
    gesscon: {
      authority: 'controller',
      grants: [{ read: ['battery/#'] }, { command: [POINT], between: [-4000, 4000], lease: '15m', priority: 40 }],
    },
  },
};

/** Puts a package `late` beside a box: the virtual device, which comes up when what this gives is called. */
function slowDevice(box: Box): () => void {
  const folder = join(box.folder, 'var/packages/late');
  mkdirSync(folder, { recursive: true });
  const virtual = join(__dirname, '../../extensions/virtual-device');
  for (const file of ['config.schema.json', 'dist/index.bundle.js'])
    copyFileSync(join(virtual, file), join(folder, basename(file)));
  const manifest = JSON.parse(readFileSync(join(virtual, 'package.json'), 'utf8')) as object;
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, name: 'late', main: 'late.js' }));
  writeFileSync(join(folder, 'late.js'), LATE);
  return () => writeFileSync(join(folder, 'go'), '');
}

const LATE = `
const { existsSync } = require('node:fs');
const { default: virtual } = require('./index.bundle.js');
const go = () => existsSync(__dirname + '/go');
const start = async (smx) => {
  while (!go()) await new Promise((resolve) => setTimeout(resolve, 50));
  return virtual.start(smx);
};
exports.default = { ...virtual, start };
`;

const ALLOW = "allow: { publish: [temperature, soc, state, 'power/#', energy/+] }";

describe('orders of the cloud controller to a real box', () => {
  let box: Box;
  let broker: Mosquitto;
  let cloud: Cloud;
  let config: string;
  let outside: MqttClient;
  /** Commands as they went over the broker. */
  const sent: { readonly id: string; readonly value?: number }[] = [];

  /** Ids as the ledger of the box has them; one that waited for another is applied again, but taken once. */
  const taken = async (): Promise<string[]> => {
    const { out } = await box.smx(['ledger', 'export']);
    const entries = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; data: { id: string; state: string } });
    return entries
      .filter(({ kind, data }) => kind === 'command' && data.state === 'accepted')
      .map(({ data }) => data.id);
  };

  beforeEach(async () => {
    broker = await startMosquitto();
    box = new Box(`
roles: ./roles.yaml
limits: { import: 2500, export: 4000 }
extensions:
  virtual: { use: virtual-device, control: on, config: { ramp: 0, interval: 0 } }
links:
  gesscon: { url: "mqtt://127.0.0.1:${broker.port}", role: gesscon, alias: k3f9, now: 'off' }
`);
    writeFileSync(join(box.folder, 'roles.yaml'), JSON.stringify(ROLES));
    config = join(box.folder, 'gesscon.yaml');
    writeFileSync(
      config,
      `party: gesscon\nbroker: { url: "mqtt://127.0.0.1:${broker.port}" }\ndatabase: sqlite:g.db\nhttp: { port: 0, token: secret }\n`,
    );
    outside = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
    sent.length = 0;
    outside.on('message', (_topic, payload) => sent.push(JSON.parse(payload.toString()) as { id: string }));
    await outside.subscribeAsync(['smx/1/k3f9/gesscon/cmd', 'smx/1/k3f9/gesscon/schedule'], { qos: 1 });
    cloud = await Cloud.start(config);
  });

  afterEach(async () => {
    await cloud.kill();
    await outside.endAsync(true);
    await box.remove();
    await broker.remove();
  });

  const online = async (): Promise<Awaited<ReturnType<Box['core']>>> => {
    const running = await box.core();
    await until(async () => (await fetch(`${running.url}/health/ready`)).status === 200);
    const headers = { authorization: `Bearer ${readFileSync(join(box.folder, 'var/secret'), 'utf8').trim()}` };
    await until(async () => {
      const answer = await fetch(`${running.url}/api/v1/points/battery/power`, { headers });
      return ((await answer.json()) as { value?: unknown }).value === 0;
    });
    await until(async () => {
      const sites = (await (await cloud.ask('sites')).json()) as { site: string; state: string }[];
      return sites.some(({ site, state }) => site === 'k3f9' && state === 'online');
    });
    return running;
  };

  const command = (id: string, value: number, more: object = {}): Promise<Response> =>
    cloud.ask('sites/k3f9/commands', { id, point: POINT, value, for: '10m', ...more });

  it('come to their outcome once, whoever dies in between and however often they are asked', async () => {
    expect((await command('c0', 1)).status).toBe(404);
    const running = await online();
    expect((await command('c1', 800, { hb: '60s' })).status).toBe(202);
    const first = await cloud.reached('c1', 'verified');
    expect(first.stages.map(({ state }) => state)).toEqual(['received', 'accepted', 'applied', 'verified']);
    // asked twice: it stands as it was
    expect(await (await command('c1', 900)).json()).toMatchObject({ id: 'c1', outcome: 'verified' });

    await command('c3', 5000);
    expect(await cloud.reached('c3', 'refused')).toMatchObject({ outcome: 'refused' });
    const alarmed = await until(async () => {
      const alarms = (await (await cloud.ask('alarms?which=all')).json()) as { cause: string; detail: string }[];
      return alarms.find(({ cause }) => cause === 'command');
    });
    expect(alarmed.detail).toContain('c3 to battery/power/setpoint: refused (SMX_COMMAND_BOUNDS');

    // killed when it is sent, and before any answer is noted
    const asked = command('c2', -700).catch(() => undefined);
    await until(() => sent.some(({ id }) => id === 'c2'));
    await cloud.kill();
    await asked;
    cloud = await Cloud.start(config);
    expect(await cloud.reached('c2', 'verified')).toMatchObject({ outcome: 'verified' });

    // an answer that comes twice
    const again = JSON.stringify({ id: 'c1', ...first.stages.at(-1)!, slot: undefined });
    await outside.publishAsync('smx/1/k3f9/gesscon/rsp', again, { qos: 1 });
    await command('c4', 400);
    await cloud.reached('c4', 'verified');
    expect((await cloud.order('c1')).stages.filter(({ state }) => state === 'verified')).toHaveLength(1);

    await cloud.ask('sites/k3f9/commands/c4', undefined, 'DELETE');
    expect(await cloud.reached('c4', 'cancelled')).toMatchObject({ state: 'cancelled', outcome: 'verified' });
    expect((await stop(running.core)).status).toBe(0);
    expect((await taken()).filter((id) => id === 'c2')).toEqual(['c2']);
  });

  it('expire where the box is not on line until their end, and are not carried out when it is back', async () => {
    await stop((await online()).core);
    await command('late', 500, { for: '1s' });
    expect(await cloud.reached('late', 'expired')).toMatchObject({ outcome: 'expired', sent: 0 });
    const running = await online();
    await command('next', 600);
    await cloud.reached('next', 'verified');
    expect(sent.map(({ id }) => id)).toEqual(['next']);
    expect((await stop(running.core)).status).toBe(0);
    expect(await taken()).not.toContain('late');
  });

  it('wait for the device of a box that was off, not only for its link', async () => {
    const start = slowDevice(box);
    await stop((await online()).core);
    box.write(readFileSync(box.config, 'utf8').replace('use: virtual-device', `use: late, ${ALLOW}`));
    await until(async () => {
      const sites = (await (await cloud.ask('sites')).json()) as { site: string; state: string }[];
      return sites.some(({ site, state }) => site === 'k3f9' && state === 'closing');
    });
    await command('early', 700);
    await command('never', 1, { point: 'battery/power/setpont' });
    expect(await cloud.order('early')).toMatchObject({ sent: 0, waits: 'the box is not on line' });
    const running = await box.core();
    const waits = await until(async () => {
      const order = await cloud.order('early');
      return order.waits === 'the box is not on line' ? undefined : order.waits;
    });
    expect(waits).toMatch(/does not offer|catalogue/);
    start();
    expect(await cloud.reached('early', 'verified')).toMatchObject({ outcome: 'verified', waits: null });
    expect(await cloud.order('never')).toMatchObject({ sent: 0, waits: expect.stringContaining('does not offer') });
    expect((await stop(running.core)).status).toBe(0);
    expect(new Set(sent.map(({ id }) => id))).toEqual(new Set(['early']));
    expect((await taken()).filter((id) => id === 'early')).toEqual(['early']);
  });

  it.each(['native', 'senml'])('run as a schedule (%s), with an outcome of each value', async (encoding) => {
    await online();
    const start = Math.floor(Date.now() / 1000) * 1000 - 1000;
    const body = { id: 'day', point: POINT, start, step: '3s', unit: 'W', values: [650, -300, 200], encoding };
    expect((await cloud.ask('sites/k3f9/schedules', body)).status).toBe(202);
    const order = await cloud.reached('day', 'ended');
    const outcomes = order.stages.flatMap(({ slot, state, value }) => (state === 'verified' ? [[slot, value]] : []));
    expect(outcomes).toEqual([
      [0, 650],
      [1, -300],
      [2, 200],
    ]);
    const bad = await cloud.ask('sites/k3f9/schedules', { ...body, id: 'x', step: 'soon' });
    expect([bad.status, ((await bad.json()) as { detail: string }).detail]).toEqual([
      400,
      expect.stringContaining('step'),
    ]);
  });
});
