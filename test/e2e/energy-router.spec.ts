import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import energyRouter from '@smx-edge/energy-router';
import { control, parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';
import { startMosquitto, type Mosquitto } from '../../libs/northbound/test-support/mosquitto.js';
import { Listener } from '../../apps/site-simulator/test-support/listener.js';

/** The house's own Energy Router over a real broker, with what goes wrong on it. */
type Phases = 'one' | 'three';
type RouterConfig = Parameters<typeof energyRouter.start>[0]['config'];

let mosquitto: Mosquitto;
let site: Site;
let harness: Harness;

beforeAll(async () => {
  mosquitto = await startMosquitto();
});
afterAll(() => mosquitto.remove());

const broker = (): string => `mqtt://127.0.0.1:${mosquitto.port}`;

const DEFAULTS = {
  ...{ driver: 'mqtt', names: { er: 'er' }, signs: 'er', measures: '/ER/SMX/', limits: {} },
  watch: ['/PROFESS/SMX/', '/LESSAg/SMX/', '/DSF/SMX/'],
} as const satisfies Partial<RouterConfig>;

function read(phases: Phases, config: Partial<RouterConfig> = {}, state: Readonly<Record<string, unknown>> = {}): void {
  const wanted = { ...DEFAULTS, source: broker(), phases, interval: '1s', ...config };
  harness = runExtension(energyRouter, { config: wanted, state });
}

async function begin(phases: Phases, config: Partial<RouterConfig> = {}, house: object = {}): Promise<void> {
  const devices = [{ protocol: 'energy-router', name: 'er', phases, broker: broker(), interval: 1 }];
  const given = {
    start: '2026-06-20T10:00:00Z',
    meters: [],
    ev: false,
    heatPump: false,
    battery: { soc: 50 },
    ...house,
  };
  site = await startSite(parseSiteConfig({ seed: 5, ...given, devices }));
  read(phases, config);
}

const say = (line: object): object => control(site, JSON.stringify({ device: 'er', ...line }));
const seen = (path: string): unknown => harness.seen.values.get(`er/${path}`)?.value;
const wait = (condition: () => boolean): Promise<void> => harness.until(condition, 30_000);
const online = (): boolean | undefined => [...harness.seen.devices.values()][0]?.online;
const reason = (): string | undefined => [...harness.seen.devices.values()][0]?.reason;
const near = (path: string, value: number, by = 1): boolean => Math.abs(Number(seen(path)) - value) <= by;

/** No value was ever wrong by its sign or scale: the house has no such powers. */
function expectPlausible(): void {
  for (const { path, value } of harness.seen.batches.flat()) {
    if (path === 'er/pv/power' && value !== null) expect(Number(value)).toBeLessThanOrEqual(0);
    if (path === 'er/battery/soc' && value !== null) expect(Math.abs(Number(value) - 50)).toBeLessThan(45);
  }
}

afterEach(async () => {
  await harness.stop();
  await site.stop();
  expect(harness.seen.exceptions).toEqual([]);
  expect(harness.seen.refused).toEqual([]);
  expectPlausible();
});

it.each([
  ['one', ['battery/voltage', 'battery/current', 'pv/voltage', 'voltage/l1', 'current/l1', 'dc-link/voltage']],
  ['three', ['power/active/l2', 'power/reactive/l3']],
] as const)('a router of %s phases is read as the house is, in the load convention', async (phases, more) => {
  await begin(phases);
  await wait(() => [...more, 'mode', 'battery/soc', 'battery/power', 'pv/power', 'power/active', 'power/reactive'].every((path) => seen(path) !== undefined)); // prettier-ignore
  expect(seen('mode')).toBe(phases === 'one' ? 'mppt' : 'load-balancing');
  const { pv, battery } = site.house;
  await wait(() => near('pv/power', -pv.strings.reduce((sum, { power }) => sum + power, 0), 60));
  expect(Number(seen('pv/power'))).toBeLessThan(-100);
  expect(Math.abs(Number(seen('battery/soc')) - battery!.soc)).toBeLessThan(2);
  await wait(() => online() === true && near('battery/power', battery!.direct, 60));
});

it('a battery is charged and discharged as it is told, and left alone at the end', async () => {
  await begin('one');
  await wait(() => seen('battery/power/in-force') !== undefined);
  expect(await harness.command('er/battery/power/setpoint', 1200)).toEqual({ outcome: 'applied', value: 1200 });
  await wait(() => seen('battery/power/in-force') === 1200 && site.house.battery!.meter.power === 1200);
  expect(seen('battery/power/setpoint')).toBe(1200);
  expect(Number(seen('battery/power'))).toBeGreaterThan(1000);
  await harness.command('er/battery/power/setpoint', -900);
  await wait(() => seen('battery/power/in-force') === -900 && site.house.battery!.meter.power === -900);
  expect(harness.seen.state.get('held')).toEqual({ 'battery/power/setpoint': {} });
  expect(await harness.release('er/battery/power/setpoint')).toEqual({ outcome: 'applied', value: 0 });
  await wait(() => seen('battery/power/in-force') === 0);
  expect(harness.seen.state.has('held')).toBe(false);
});

it('PV is held below what it is told, and gives all it may at the end', async () => {
  await begin('one', { limits: { pv: 900 } });
  await wait(() => seen('pv/power/in-force') !== undefined);
  await harness.command('er/mode/setpoint', 'rppt');
  await harness.command('er/pv/power/setpoint', -300);
  await wait(() => seen('pv/power/in-force') === -300 && near('pv/power', -300, 40) && seen('mode') === 'rppt');
  expect(await harness.release('er/pv/power/setpoint')).toEqual({ outcome: 'applied', value: -900 });
  expect(await harness.release('er/mode/setpoint')).toEqual({ outcome: 'applied', value: 'mppt' });
  await wait(() => seen('mode') === 'mppt');
});

it('three phases take reactive power one by one or together, not both', async () => {
  await begin('three');
  await wait(() => seen('power/reactive/in-force/l2') !== undefined);
  await harness.command('er/power/reactive/setpoint/l2', 150);
  await wait(() => seen('power/reactive/in-force/l2') === 150);
  expect(await harness.command('er/power/reactive/setpoint', 600)).toMatchObject({ outcome: 'refused', code: 'ROUTER_HELD' }); // prettier-ignore
  await harness.release('er/power/reactive/setpoint/l2');
  await harness.command('er/power/reactive/setpoint', 600);
  await wait(() => seen('power/reactive/in-force') === 600 && seen('power/reactive/l3') === 200);
});

it('modes that the router does not have, and those without the grid, are refused', async () => {
  await begin('one');
  await wait(() => seen('mode') === 'mppt');
  for (const mode of ['black-start', 'mppt-island', 'p-ref', 5, ''])
    expect(await harness.command('er/mode/setpoint', mode)).toMatchObject({ outcome: 'refused', code: 'ROUTER_MODE' });
  // the core puts back what it tried to set, and there is nothing to put back
  expect(await harness.release('er/mode/setpoint')).toEqual({ outcome: 'applied', value: 'mppt' });
  const before = harness.seen.batches.length;
  await wait(() => harness.seen.batches.length > before + 20);
  expect(seen('mode')).toBe('mppt');
  expect(site.house.pv.power).toBeGreaterThan(100);
});

describe('a router that', () => {
  const settle = (): Promise<void> => wait(() => seen('battery/power/in-force') !== undefined);

  it('acknowledges and does nothing shows what it does', async () => {
    await begin('one');
    await settle();
    say({ fault: 'ignore' });
    await harness.command('er/battery/power/setpoint', 1000);
    await wait(() => seen('battery/power/setpoint') === 1000 && near('battery/power/in-force', 8, 20));
  });

  it('does not hear goes on as it was', async () => {
    await begin('one');
    await settle();
    say({ fault: 'deaf' });
    const before = harness.seen.batches.length;
    await harness.command('er/battery/power/setpoint', 1000);
    await wait(() => harness.seen.batches.slice(before).flat().filter(({ path }) => path === 'er/battery/power/in-force').length > 1); // prettier-ignore
    expect(Number(seen('battery/power/in-force'))).toBeLessThan(20);
  });

  it.each([[{}], [{ fault: 'echo' }]])('takes less than it is told, %j, shows what it does', async (fault) => {
    await begin('one', { limits: { charge: 20_000 } });
    await settle();
    if ('fault' in fault) say(fault);
    await harness.command('er/battery/power/setpoint', 20_000);
    await wait(() => Number(seen('battery/power/in-force')) > 1000);
    const { meter } = site.house.battery!;
    expect(Math.abs(Number(seen('battery/power/in-force')) - meter.power)).toBeLessThan(0.06 * meter.power);
  });

  it.each(['object', 'text'])('tells in another form (%s) is read all the same', async (fault) => {
    await begin('one');
    say({ fault });
    await wait(() => typeof seen('battery/soc') === 'number' && seen('mode') === 'mppt');
  });

  it('tells garbage has no values, with the reason, until it does better', async () => {
    await begin('one');
    await settle();
    say({ fault: 'garbage' });
    await wait(() => seen('battery/soc') === null && seen('pv/power') === null);
    expect(harness.seen.values.get('er/battery/soc')).toMatchObject({
      quality: 'bad',
      reason: 'what came is no SenML',
    });
    await wait(() => harness.seen.statuses.at(-1)?.state === 'warning');
    say({ clear: true });
    await wait(() => typeof seen('battery/soc') === 'number' && harness.seen.statuses.at(-1)?.state === 'ok');
  });

  it('has a wrong clock keeps its own times, which the box judges', async () => {
    await begin('one');
    say({ fault: 'clock', by: -3600 });
    await wait(() => site.house.t - (harness.seen.values.get('er/battery/soc')?.t ?? Infinity) > 3_500_000);
    await wait(() => online() === true);
  });

  it('tells nothing is off line with the reason, and back by itself', async () => {
    await begin('one');
    await wait(() => online() === true);
    say({ fault: 'silence' });
    await wait(() => online() === false);
    expect(reason()).toMatch(/told nothing for \d+ s/);
    say({ clear: true });
    await wait(() => online() === true);
  });

  it.each(['cut', 'restart'])('is gone for a moment (%s) is read again', async (fault) => {
    await begin('one');
    await settle();
    await harness.command('er/battery/power/setpoint', 700);
    await wait(() => seen('battery/power/in-force') === 700);
    say({ fault, ...(fault === 'restart' && { by: 2 }) });
    const before = harness.seen.batches.length;
    await wait(() => harness.seen.batches.length > before + 20);
    // one that forgot is seen to have forgotten: the box tells it again
    if (fault === 'restart') await wait(() => near('battery/power/in-force', 0, 20));
    else expect(seen('battery/power/in-force')).toBe(700);
  });
});

it('a broker that goes takes the device off line with the reason, a command then says so, and all is back with it', async () => {
  await begin('one');
  await wait(() => online() === true);
  await mosquitto.stop();
  await wait(() => online() === false);
  expect(reason()).toMatch(/127\.0\.0\.1/);
  expect(await harness.command('er/battery/power/setpoint', 500)).toMatchObject({ outcome: 'refused', code: 'SMX_TRANSPORT_CONNECT' }); // prettier-ignore
  await mosquitto.start();
  await wait(() => online() === true && site.house.battery!.meter.power < 20);
});

it.each([
  ['/DSF', 500, -500],
  ['/LESSAg', -200, 200],
  ['/PROFESS', 100, -100],
])('what %s tells the router while we hold it is an event, and nothing otherwise', async (writer, wire, value) => {
  await begin('one');
  const other = await Listener.open(broker(), '/none');
  const tell = (): Promise<void> =>
    other.say(`${writer}/SMX/EnergyRouterInverter/ZBTC1.BatChaPwr.setMag.f`, JSON.stringify([{ v: wire, u: 'W', t: 0, n: '' }])); // prettier-ignore
  const events = (): string[] => harness.seen.events.map(({ code, state }) => `${code} ${state}`);
  await wait(() => seen('battery/power/in-force') !== undefined);
  await tell();
  await wait(() => near('battery/power/in-force', value, 25));
  expect(events()).toEqual([]);
  await harness.command('er/battery/power/setpoint', 1000);
  await wait(() => seen('battery/power/in-force') === 1000);
  // what we said ourselves came back on the topics that are watched
  expect(events()).toEqual([]);
  await tell();
  await wait(() => events().length > 0);
  expect(harness.seen.events[0]).toMatchObject({
    ...{ code: 'foreign-writer', state: 'raised', severity: 'warning', path: 'battery/power/setpoint' },
    ...{ data: { writer: `${writer}/SMX`, value } },
  });
  await wait(() => near('battery/power/in-force', value, 25));
  await harness.release('er/battery/power/setpoint');
  await wait(() => events().length === 2);
  expect(events()).toEqual(['foreign-writer raised', 'foreign-writer cleared']);
  await other.close();
});

it('what a crash left on the router goes back at the next start; a stop leaves nothing', async () => {
  await begin('one');
  // what it rests in is what it was found in
  await wait(() => seen('battery/power/in-force') !== undefined && seen('mode') === 'mppt');
  await harness.command('er/mode/setpoint', 'pv-off');
  await harness.command('er/battery/power/setpoint', 800);
  await wait(() => seen('battery/power/in-force') === 800 && seen('mode') === 'pv-off');
  const left = Object.fromEntries(structuredClone([...harness.seen.state]));
  expect(left['held']).toEqual({ 'mode/setpoint': { rest: 'mppt' }, 'battery/power/setpoint': {} });
  await harness.stop();
  await until(() => site.house.battery!.meter.power < 20);
  // as if it had been killed: the router holds what it was told, and the state tells of it
  const other = await Listener.open(broker(), '/none');
  const tell = (path: string, v: number): Promise<void> => other.say(`/LESSAg/SMX/EnergyRouterInverter/${path}`, JSON.stringify([{ v }])); // prettier-ignore
  await tell('DRCC1.DERStr.ctlNum', 4);
  await tell('ZBTC1.BatChaPwr.setMag.f', -800);
  await until(() => site.house.battery!.meter.power > 700);
  read('one', {}, left);
  await wait(() => seen('mode') === 'mppt' && near('battery/power/in-force', 0, 20));
  expect(harness.seen.state.has('held')).toBe(false);
  await other.close();
});

it('a set-point that is held is told again as often as the router wants it', async () => {
  const other = await Listener.open(broker(), '/LESSAg/#');
  await begin('one', { refresh: '200ms' });
  await wait(() => seen('battery/power/in-force') !== undefined);
  expect(other.heard).toEqual([]);
  await harness.command('er/battery/power/setpoint', 400);
  await wait(() => other.heard.length > 4);
  expect(new Set(other.heard.map(({ text }) => (JSON.parse(text) as [{ v: number }])[0].v))).toEqual(new Set([-400]));
  await other.close();
});

it('a router of the other kind is said to be one, and found as what it is', async () => {
  await begin('three', {}, {});
  await harness.stop();
  read('one');
  await wait(() =>
    harness.seen.statuses.some(({ text }) => text?.includes('as a router of three phases does') === true),
  );
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}
