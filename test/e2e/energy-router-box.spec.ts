import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { control, parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';
import { Box, stop, until, type Running } from './smxcore-support.js';

/** A box with its own broker, the house's Energy Router as a device of it, and commands by the doors of the box. */
const ESSENTIALS = 'site: test\ndata: ./var\nhttp: { port: 0 }\nroles: ./roles.yaml\n';
const COMMANDS = ['/PROFESS/SMX/#', '/LESSAg/SMX/#', '/DSF/SMX/#'];
const ROLES = {
  roles: {
    er: { mqtt: { publish: ['/ER/SMX/#'], subscribe: COMMANDS } },
    'er-reader': { mqtt: { publish: ['/LESSAg/SMX/#'], subscribe: ['/ER/SMX/#', ...COMMANDS] } },
  },
};
const BATTERY = 'er/battery/power/setpoint';

let box: Box;
let site: Site;
let running: Running;
let configured: string;
let owner: string;
let api: string;
let source: string;

async function token(role: string): Promise<string> {
  const { out } = await box.smx(['token', 'create', '--role', role, '--json']);
  return (JSON.parse(out) as { token: string }).token;
}

async function start(): Promise<void> {
  box.write(configured);
  const { core, url } = await box.core();
  running = core;
  api = `${url}/api/v1`;
}

async function ask(path: string, body?: object): Promise<unknown> {
  const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const headers = { authorization: `Bearer ${owner}`, 'content-type': 'application/json' };
  const answer = await fetch(`${api}/${path}`, { headers, ...post }).catch(() => undefined);
  return answer?.json();
}

interface Shown {
  readonly value: unknown;
  readonly quality: string;
}

const shown = async (path: string): Promise<Shown | undefined> => (await ask(`points/${path}`)) as Shown | undefined;

const comes = (path: string, fits: (value: unknown) => boolean): Promise<unknown> =>
  until(async () => {
    const found = await shown(path);
    return found?.quality === 'good' && fits(found.value);
  });

/** Gives a command and waits for its outcome. */
async function write(value: number | string, point = BATTERY, lease = '10m'): Promise<Record<string, unknown>> {
  const { id } = (await ask('commands', { point, value, for: lease })) as { id: string };
  return until(async () => {
    const command = (await ask(`commands/${id}`)) as Record<string, unknown>;
    return command['outcome'] === undefined ? undefined : command;
  });
}

const say = (line: object): object => control(site, JSON.stringify({ device: 'er', ...line }));
const battery = (): number => site.house.battery!.meter.power;

beforeEach(async () => {
  box = new Box('', ESSENTIALS);
  writeFileSync(join(box.folder, 'roles.yaml'), JSON.stringify(ROLES));
  box.write(`${ESSENTIALS}broker: { port: 0 }\n`);
  const [device, reader] = [await token('er'), await token('er-reader')];
  owner = await token('owner');
  const first = await box.core();
  const { port } = first.broker!;
  await stop(first.core);
  source = `mqtt://er-reader:${reader}@127.0.0.1:${port}`;
  const config = { source, phases: 'one', interval: '1s', settle: '4s', limits: { charge: 20_000 } }; // prettier-ignore
  const extensions = { router: { use: 'energy-router', control: true, config } };
  configured = `${ESSENTIALS}broker: { port: ${port} }\nextensions: ${JSON.stringify(extensions)}\n`;
  const er = { protocol: 'energy-router', name: 'er', phases: 'one', interval: 1, broker: `mqtt://127.0.0.1:${port}`, user: 'er', password: device }; // prettier-ignore
  const house = {
    seed: 5,
    start: new Date().toISOString(),
    meters: [],
    ev: false,
    heatPump: false,
    battery: { soc: 50, capacity: 100_000 },
  };
  site = await startSite(parseSiteConfig({ ...house, devices: [er] }));
  await start();
  await comes('er/battery/power/in-force', (value) => Math.abs(value as number) < 25);
});
afterEach(async () => {
  await site.stop();
  await box.remove();
});

it('commands come to their one outcome, and leases end on the router', async () => {
  expect(await write(1200)).toMatchObject({ outcome: 'verified', value: 1200, measured: 1200 });
  expect(battery()).toBe(1200);
  // one that forgets in the middle of a lease is told again
  say({ fault: 'restart', by: 1 });
  await until(() => battery() < 20);
  await until(() => battery() === 1200);
  expect(await write(20_000)).toMatchObject({ outcome: 'clamped', asked: 20_000 });
  say({ fault: 'ignore' });
  expect(await write(-700)).toMatchObject({ outcome: 'ignored' });
  say({ clear: true });
  expect(await write('pv-off', 'er/mode/setpoint', '2s')).toMatchObject({ outcome: 'verified', value: 'pv-off' });
  await comes('er/mode', (value) => value === 'mppt');
  expect(await write('black-start', 'er/mode/setpoint')).toMatchObject({ outcome: 'refused', code: 'SMX_COMMAND_REFUSED' }); // prettier-ignore
  await comes('er/mode', (value) => value === 'mppt');
  // the command line waits for the outcome as well
  const { out } = await box.smx(['write', BATTERY, '900', '--for', '12s', '--json']);
  expect(JSON.parse(out)).toMatchObject({ outcome: 'verified' });
  // what was asked for longer is there again
  await until(() => battery() === -700);
}, 180_000);

it('a killed core, a killed instance and an orderly stop leave nothing on the router', async () => {
  expect(await write(800)).toMatchObject({ outcome: 'verified' });
  running.child.kill('SIGKILL');
  await running.ended();
  expect(battery()).toBe(800);
  await start();
  await until(() => battery() < 20);
  await comes('er/battery/power/in-force', (value) => value === 0);

  expect(await write(600)).toMatchObject({ outcome: 'verified' });
  const [{ pid }] = (await ask('extensions')) as [{ pid: number }];
  process.kill(pid, 'SIGKILL');
  await until(() => battery() < 20);
  await comes('er/battery/power/in-force', (value) => value === 0);

  expect(await write(500)).toMatchObject({ outcome: 'verified' });
  await stop(running);
  await until(() => battery() < 20);
}, 180_000);

it('a router is found by its topics; one that is gone is off line with the reason, and its values do not look fresh', async () => {
  const { out, status } = await box.smx(['discover', 'energy-router', source, '--json']);
  expect(status).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ title: 'Energy Router of one phase', config: { source, phases: 'one' } });
  say({ fault: 'silence' });
  await until(async () => (await shown('er/battery/soc'))?.quality === 'stale');
  await comes('er/online', (value) => value === false);
  expect(JSON.stringify(await ask('extensions'))).toMatch(/told nothing for \d+ s/);
  say({ clear: true });
  await comes('er/battery/soc', (value) => typeof value === 'number');
});

it('a config that cannot be is said by smx check, a map that cannot be by the instance', async () => {
  await stop(running);
  const section = (config: object): string =>
    `${ESSENTIALS}broker: { port: 0 }\nextensions:\n  router: { use: energy-router, config: ${JSON.stringify(config)} }\n`;
  box.write(section({ driver: 'modbus', source: 'mqtt://127.0.0.1' }));
  const checked = await box.smx(['check']);
  expect(checked.status).toBe(2);
  expect(checked.out + checked.err).toMatch(/router\.config\.map: .*required/);
  expect(checked.out + checked.err).toMatch(/router\.config\.source: /);
  writeFileSync(join(box.folder, 'map.json'), '{ "format": "smx-energy-router/1", "title": "x",\n "entries": [{ "name": "sok" }] }'); // prettier-ignore
  box.write(section({ driver: 'modbus', source: 'modbus://127.0.0.1:1', map: 'file:map.json' }));
  expect((await box.smx(['check'])).status).toBe(0);
  await box.core();
  const { out } = await until(async () => {
    const told = await box.smx(['extensions', '--json']);
    return told.out.includes('failed') ? told : undefined;
  });
  expect(out).toMatch(/SMX_ROUTER_MAP/);
  expect(out).toMatch(/map\.json:2:\d+ entries\.0\.name: \\"sok\\" cannot be, expected/);
});
