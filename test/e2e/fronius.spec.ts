import { isDeepStrictEqual } from 'node:util';
import type { Tools } from '@smx-edge/extension-api';
import { openModbus } from '@smx-edge/extension-api/modbus';
import { SunSpecUnit } from '@smx-edge/extension-api/sunspec';
import fronius from '@smx-edge/fronius';
import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { silentLog, systemClock, VirtualClock } from '@smx-edge/model';
import { control, parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';
import { Box, stop, until } from './smxcore-support.js';

/** A Fronius inverter of the house over its Solar API, over its registers, and over both. */
const ESSENTIALS = 'site: test\ndata: ./var\nhttp: { port: 0 }\nbroker: { port: 0 }\n';
const NOON = '2026-06-20T10:00:00Z';
const NIGHT = '2026-06-21T00:30:00Z';
const HOUSE = { seed: 5, start: NOON, meters: [], ev: false, heatPump: false, battery: { soc: 50 } };

let site: Site;
let clock: VirtualClock;
let harness: Harness;

/** A house in which time stands still, so that what is read is what is there. */
async function open(
  devices: object[],
  { power = 1200, ...house }: { readonly power?: number; readonly [key: string]: unknown } = {},
): Promise<void> {
  // prettier-ignore
  clock = new VirtualClock(Date.parse('2026-06-01T00:00:00Z'));
  site = await startSite(parseSiteConfig({ ...HOUSE, ...house, devices }), { clock });
  clock.advance(20_500);
  // else it takes what the connection would
  if (site.house.battery === undefined) return;
  tell({ set: { battery: power } });
  clock.advance(2000);
  expect(Math.abs(site.house.meter.power)).toBeGreaterThan(200);
}

const web = (more: object = {}): object => ({ protocol: 'solar-api', name: 'web', ...more });
const source = (name: string): string => site.devices.get(name)!.source;
const tell = (command: object): object => control(site, JSON.stringify(command));

function read(config: object): void {
  harness = runExtension(fronius, { config: { 'api-poll': '200ms', ...config } });
}

const sample = (path: string): { value: unknown; quality: string; reason: string | undefined } | undefined =>
  harness.seen.values.get(path);
const value = (path: string): unknown => sample(path)?.value;
const wait = (condition: () => boolean): Promise<void> => harness.until(condition, 60_000);
const has = (...paths: string[]): boolean => paths.every((path) => value(path) !== undefined);
const status = (): { state: string; text: string | null } => harness.seen.statuses.at(-1) ?? { state: '', text: null };
const watt = (path: string, is: number): void => expect(value(path)).toBeCloseTo(is, 6);

async function end(): Promise<void> {
  await harness.stop();
  await site.stop();
  expect(harness.seen.exceptions).toEqual([]);
  expect(harness.seen.refused).toEqual([]);
}

describe('over the Solar API', () => {
  afterEach(end);

  it.each([
    ['gen24', 1200],
    ['datamanager', -900],
  ])('a %s whose battery takes %d W is read as the house is, with its signs', async (flavour, power) => {
    await open([web({ flavour })], { power });
    const { pv, battery, meter, grid } = site.house;
    expect(pv.power).toBeGreaterThan(500);
    read({ api: source('web') });
    await wait(() => has('pcc/energy/active/import', 'inverter/voltage/l3', 'pv/mppt1/power', 'battery/soc', 'inverter/energy/active/export')); // prettier-ignore
    watt('pcc/power/active', meter.power);
    watt('pv/power', -pv.power);
    watt('battery/power', battery!.meter.power);
    watt('inverter/power/active', battery!.meter.power - pv.power);
    watt('pv/mppt1/power', -pv.strings[0]!.voltage * pv.strings[0]!.current);
    watt('battery/soc', battery!.soc);
    watt('pcc/energy/active/import', meter.wattHours('import'));
    watt('pcc/energy/active/export', meter.wattHours('export'));
    watt('pcc/voltage/l2', grid.voltage[1]!);
    watt('inverter/frequency', grid.frequency);
    expect(value('inverter/status')).toBe('mppt');
    expect(value('battery/state')).toBe(battery!.meter.power > 0 ? 'charging' : 'discharging');
    expect(value('pcc/energy/active/method')).toBe('counter');
    expect([...harness.seen.devices.values()].map(({ name, kind, online }) => [name, kind, online]).sort()).toEqual([
      ['battery', 'battery', true],
      ['inverter', 'inverter', true],
      ['pcc', 'meter', true],
      ['pv', 'pv', true],
    ]);
    await wait(() => status().state === 'ok');
    // what no counter tells is the integral of its power
    await wait(() => value('pv/energy/method') === 'integral' && value('battery/energy/method') === 'integral');
    expect(sample('pv/energy/produced')).toMatchObject({ quality: 'substituted' });
  });

  it('a logger of version 0 gives what it has', async () => {
    await open([web({ flavour: 'datamanager', version: 'v0' })]);
    read({ api: source('web') });
    await wait(() => has('inverter/power/active', 'pv/power'));
    const { pv, battery } = site.house;
    watt('inverter/power/active', battery!.meter.power - pv.power);
    expect(has('pcc/power/active')).toBe(false);
    await wait(() => status().state === 'ok');
  });

  it.each(['gen24', 'datamanager'])(
    'a %s that sleeps gives nothing, which is 0 W because it says so',
    async (flavour) => {
      await open([web({ flavour })], { start: NIGHT, battery: false });
      read({ api: source('web') });
      await wait(() => has('pcc/power/active', 'pv/power', 'inverter/status', 'inverter/power/active'));
      watt('pv/power', 0);
      watt('inverter/power/active', 0);
      watt('pcc/power/active', site.house.meter.power);
      expect(value('inverter/status')).toBe('sleeping');
      expect(has('battery/power')).toBe(false);
      expect(value('pv/mppt1/voltage') ?? null).toBeNull();
    },
  );

  it.each([
    ['html', 'error', /switch the Solar API on/],
    ['off', 'error', /switch (it|the Solar API) on/],
    ['silence', 'error', /no whole answer within 4 s/],
    ['lost', 'error', /status 8/],
  ])('the fault %s is one clear state, and over when it is', async (fault, state, text) => {
    await open([web()]);
    read({ api: source('web') });
    await wait(() => has('pcc/power/active', 'pv/power', 'battery/soc'));
    tell({ device: 'web', fault });
    await wait(() => status().state === state);
    expect(status().text).toMatch(text);
    tell({ device: 'web', clear: true });
    await wait(() => status().state === 'ok');
    watt('pcc/power/active', site.house.meter.power);
  });

  it.each([
    ['cut', { answers: 2 }],
    ['nul', {}],
    ['renamed', {}],
    ['lost', { share: 0.3 }],
    ['html', { share: 0.1 }],
  ])('no value is wrong with the fault %s %j', async (fault, more) => {
    await open([web({ flavour: 'datamanager', faults: [{ fault, ...more }] })]);
    read({ api: source('web') });
    await wait(() => has('pcc/power/active', 'pv/power', 'battery/soc', 'inverter/voltage/l1', 'pcc/energy/active/import')); // prettier-ignore
    const { pv, battery, meter } = site.house;
    const right: Record<string, number> = { 'pcc/power/active': meter.power, 'pv/power': -pv.power, 'battery/power': battery!.meter.power, 'battery/soc': battery!.soc, 'pcc/energy/active/import': meter.wattHours('import') }; // prettier-ignore
    for (const { path, value } of harness.seen.batches.flat())
      if (path in right && value !== null) expect([path, value]).toEqual([path, expect.closeTo(right[path]!, 6)]);
  });

  it('an address where nobody is says what to look at, and no device is made up', async () => {
    await open([web()]);
    const api = source('web');
    await site.stop();
    read({ api });
    await wait(() => status().state === 'error');
    expect(status().text).toMatch(/cannot be reached.*check the address/);
    expect(harness.seen.devices.size).toBe(0);
  });
});

const inverter = (more: object = {}): object => ({ protocol: 'sunspec', name: 'inverter', ...more });

describe('over both ways', () => {
  afterEach(end);

  const both = (more: object = {}): void => read({ source: source('inverter'), api: source('web'), units: [1, 200], poll: '200ms', ...more }); // prettier-ignore
  const ways = async (): Promise<Record<string, unknown>> => {
    const shown = (await harness.call('devices')) as { device: string; ways: string[] }[];
    return Object.fromEntries(shown.map(({ device, ways }) => [device, ways]));
  };

  it.each(['gen24', 'datamanager'])('a %s is each device once, with what each way has', async (flavour) => {
    await open([inverter({ flavour }), web({ flavour })]);
    const units = [1, flavour === 'gen24' ? 200 : 240];
    both({ units });
    await wait(() => has('pcc/power/active/l2', 'pcc/energy/active/export', 'inverter/energy/active/export', 'battery/power', 'battery/capacity', 'pv/mppt1/power', 'inverter/power/reactive')); // prettier-ignore
    const each = ['modbus', 'api'];
    await until(async () => isDeepStrictEqual(await ways(), { inverter: each, pv: each, battery: each, pcc: each }));
    const { meter, battery } = site.house;
    expect(Math.abs(Number(value('pcc/power/active')) - meter.power)).toBeLessThan(1);
    expect(Math.abs(Number(value('battery/power')) - battery!.direct)).toBeLessThan(200);
    await wait(() => status().state === 'ok');
  });

  it.each(['gen24', 'datamanager'])(
    'a %s that sleeps is 0 W by what it says, however its registers sleep',
    async (flavour) => {
      await open([inverter({ flavour }), web({ flavour })], { start: NIGHT, battery: false });
      both({ units: [1, flavour === 'gen24' ? 200 : 240] });
      await wait(() => has('pcc/power/active', 'pv/power', 'inverter/status', 'inverter/power/active'));
      watt('pv/power', 0);
      watt('inverter/power/active', 0);
      expect(value('inverter/status')).toBe('sleeping');
      expect(Math.abs(Number(value('pcc/power/active')) - site.house.meter.power)).toBeLessThan(1);
      expect(has('battery/power')).toBe(false);
      await wait(() => /Modbus: .*Solar API: reading|Solar API: reading.*Modbus/.test(status().text ?? ''));
      expect(status().state).not.toBe('error');
    },
  );

  it('takes over from registers that keep silent, and gives back to them', async () => {
    await open([inverter(), web()]);
    both();
    await wait(() => has('pcc/power/reactive', 'battery/capacity', 'pv/mppt2/power'));
    tell({ device: 'inverter', fault: 'silence' });
    await wait(() => status().state === 'warning' && /Modbus: .*Solar API: reading/.test(status().text ?? ''));
    clock.advance(60_000);
    const { meter } = site.house;
    // by the answer of the API, in all its digits
    await wait(() => Math.abs(Number(value('pcc/power/active')) - meter.power) < 1e-6);
    expect(await ways()).toMatchObject({ pcc: ['api'], inverter: ['api'] });
    expect(harness.seen.devices.size).toBe(4);
    tell({ device: 'inverter', clear: true });
    await wait(() => status().state === 'ok');
    expect(await ways()).toMatchObject({ pcc: ['modbus', 'api'] });
  });

  it('registers are read on where the API is off', async () => {
    await open([inverter(), web({ faults: [{ fault: 'off' }] })]);
    both();
    await wait(() => has('pcc/power/active', 'inverter/power/active', 'battery/soc', 'pv/power'));
    await wait(() => status().state === 'warning');
    expect(status().text).toMatch(/switch it on .*Modbus: reading/);
  });
});

describe('under control', () => {
  let link: ReturnType<typeof openModbus>;
  const SETPOINT = 'battery/power/setpoint';
  const AUTOMATIC = { StorCtl_Mod: 0, OutWRte: 100, InWRte: 100 };

  /** What the registers hold the battery to, asked on a connection of its own. */
  async function window(): Promise<Record<string, unknown>> {
    const { models } = await new SunSpecUnit(link.unit(1)).read([124]);
    return Object.fromEntries(Object.keys(AUTOMATIC).map((name) => [name, models[0]!.fields[name]!.value]));
  }

  beforeEach(async () => {
    await open([inverter(), web()]);
    link = openModbus(source('inverter'), { log: silentLog, clock: systemClock, timeout: 3000 });
  });
  afterEach(() => link.close());

  it('the battery takes what it is told, on the device that both ways tell of, and is let go at the stop', async () => {
    read({ source: source('inverter'), api: source('web'), units: [1, 200], poll: '200ms' });
    await wait(() => harness.seen.refOf(SETPOINT) !== undefined && has('battery/capacity'));
    expect(await window()).toEqual(AUTOMATIC);
    expect(await harness.command(SETPOINT, -1500)).toEqual({ outcome: 'applied', value: -1500 });
    expect(await window()).toEqual({ StorCtl_Mod: 3, OutWRte: 30, InWRte: -30 });
    await wait(() => value(`${SETPOINT}/held`) === -1500);
    clock.advance(30_000);
    await wait(() => Math.abs(Number(value('battery/power')) + 1500) < 100);
    expect([...harness.seen.devices.values()].map(({ name }) => name).sort()).toEqual(['battery', 'inverter', 'pcc', 'pv']); // prettier-ignore
    // the meter behind it is the one at the connection
    await wait(() => harness.seen.refOf('inverter/export/limit') !== undefined);
    expect(await harness.command('inverter/export/limit', 1000)).toEqual({ outcome: 'applied', value: 1000 });
    const limited = async (): Promise<unknown> => (await new SunSpecUnit(link.unit(1)).read([123])).models[0]!.fields['WMaxLim_Ena']!.value; // prettier-ignore
    expect(await limited()).toBe(1);
    await harness.stop();
    expect(await limited()).toBe(0);
    expect(await window()).toEqual(AUTOMATIC);
    await end();
  });

  it('over the Solar API alone there is nothing to be told', async () => {
    read({ api: source('web') });
    await wait(() => has('battery/power', 'inverter/power/active'));
    expect(harness.seen.refOf(SETPOINT)).toBeUndefined();
    await end();
  });

  it('in a box they are automatic again after kill -9 of the instance, and of the core with its restart', async () => {
    await link.close();
    await site.stop();
    // this one has no timer for its battery: what is left there stays
    await open([inverter({ flavour: 'datamanager' }), web({ flavour: 'datamanager' })]);
    link = openModbus(source('inverter'), { log: silentLog, clock: systemClock, timeout: 3000 });
    const config = { source: source('inverter'), api: source('web'), units: [1, 240], 'api-poll': '1s' };
    const box = new Box(`extensions: ${JSON.stringify({ roof: { use: 'fronius', control: 'on', config } })}\n`);
    const isBack = async (): Promise<boolean> => JSON.stringify(await window()) === JSON.stringify(AUTOMATIC);
    const isWritten = async (watts: number): Promise<boolean> =>
      (await box.smx(['write', SETPOINT, '--for', '10m', '--json', '--', String(watts)])).out.includes('verified');
    try {
      const { core } = await box.core();
      await until(() => isWritten(-2000));
      expect(await window()).toMatchObject({ StorCtl_Mod: 3 });
      const [{ pid }] = JSON.parse((await box.smx(['extensions', '--json'])).out) as [{ pid: number }];
      process.kill(pid, 'SIGKILL');
      await until(isBack);
      await until(() => isWritten(1500));
      // an instance whose core is gone gives back what it holds
      core.child.kill('SIGKILL');
      await core.ended();
      await until(isBack);
      // where all of them die at once, the next core does it
      const next = (await box.core()).core;
      await until(() => isWritten(-1000));
      const [last] = JSON.parse((await box.smx(['extensions', '--json'])).out) as [{ pid: number }];
      process.kill(last.pid, 'SIGSTOP');
      next.child.kill('SIGKILL');
      await next.ended();
      process.kill(last.pid, 'SIGKILL');
      expect(await window()).toMatchObject({ StorCtl_Mod: 3 });
      await box.core();
      await until(isBack);
    } finally {
      await box.remove();
      await site.stop();
    }
  }, 120_000);

  it('in a box a command is verified by the registers, and they are automatic again at its end', async () => {
    const box = new Box();
    try {
      const config = { source: source('inverter'), api: source('web'), units: [1, 200], 'api-poll': '1s' };
      box.write(`${ESSENTIALS}extensions: ${JSON.stringify({ roof: { use: 'fronius', control: true, config } })}\n`);
      await box.core();
      const points = async (): Promise<string> => (await box.smx(['points', 'battery/#'])).out;
      await until(async () => (await points()).includes(SETPOINT));
      const written = await box.smx(['write', SETPOINT, '1500', '--for', '3s', '--json']);
      expect(written).toMatchObject({ status: 0, out: expect.stringContaining('verified') });
      // the mode comes first, and the rates follow in a write of their own
      await until(async () => isDeepStrictEqual(await window(), AUTOMATIC));
    } finally {
      await box.remove();
      await site.stop();
    }
  });
});

describe('a trial', () => {
  const links: { close(): Promise<void> }[] = [];
  const tools = {
    ...{ now: Date.now, log: silentLog },
    modbus: (at: string) => {
      const link = openModbus(at, { log: silentLog, clock: systemClock, timeout: 3000 });
      links.push(link);
      return link;
    },
  } as unknown as Tools;
  afterEach(async () => {
    for (const link of links.splice(0)) await link.close();
    await site.stop();
  });

  it('tells what is there by each way', async () => {
    await open([inverter(), web()]);
    const result = await fronius.test!({ source: source('inverter'), api: source('web') }, tools);
    expect(result).toMatchObject({ ok: true, text: expect.stringMatching(/Solar API: inverter GEN24 House 34119102, .*battery .*Modbus: unit 1: inverter .*unit 200: meter/) }); // prettier-ignore
  });

  it('tells what to do where one way is not there', async () => {
    await open([inverter(), web({ faults: [{ fault: 'off' }] })]);
    const result = await fronius.test!({ source: source('inverter'), api: source('web') }, tools);
    expect(result).toMatchObject({ ok: false, text: expect.stringMatching(/switch it on .*Modbus: unit 1/) });
  });

  it('finds what is at a host, with the config that reads it', async () => {
    await open([inverter(), web()]);
    const found = async (at: string): Promise<unknown> => {
      for await (const step of fronius.discover!(at, tools)) if (step.found !== undefined) return step.found;
      return undefined;
    };
    expect(await found(source('web'))).toMatchObject({ config: { api: source('web') } });
    expect(await found(source('inverter'))).toMatchObject({
      title: expect.stringContaining('34119102'),
      config: { source: source('inverter'), units: [1, 200] },
    });
  });
});

describe('in a box', () => {
  let box: Box;
  beforeEach(() => (box = new Box()));
  afterEach(async () => {
    await box.remove();
    await site.stop();
  });

  it('the inverter is found, and read with the section that gives', async () => {
    await open([web()]);
    const { core } = await box.core();
    const found = await box.smx(['discover', 'fronius', source('web'), '--json']);
    expect(found).toMatchObject({ status: 0, err: '' });
    const { config } = JSON.parse(found.out) as { config: Record<string, unknown> };
    await stop(core);
    const extensions = { roof: { use: 'fronius', config: { ...config, 'api-poll': '500ms', names: { pcc: 'grid' } } } };
    box.write(`${ESSENTIALS}extensions: ${JSON.stringify(extensions)}\n`);
    expect(await box.smx(['check'])).toMatchObject({ status: 0 });
    await box.core();
    const read = async (filter: string): Promise<Record<string, unknown>> => {
      const { out } = await box.smx(['read', filter, '--json']);
      const points = JSON.parse(out || '[]') as { path: string; value: unknown }[];
      return Object.fromEntries(points.map(({ path, value }) => [path, value]));
    };
    const values = await until(async () => {
      const all = await read('#');
      return 'battery/soc' in all && 'pv/power' in all && 'grid/energy/active/import' in all ? all : undefined;
    });
    const { pv, battery, meter } = site.house;
    expect(values).toMatchObject({
      ...{ 'grid/power/active': expect.closeTo(meter.power, 3), 'pv/power': expect.closeTo(-pv.power, 3) },
      ...{ 'battery/soc': expect.closeTo(battery!.soc, 3), 'battery/power': expect.closeTo(battery!.meter.power, 3) },
      ...{ 'grid/online': true, 'inverter/online': true, 'battery/online': true },
    });
  }, 120_000);

  it('a config that nothing can be read with is refused by the check, with what is expected', async () => {
    await open([web()]);
    for (const [config, text] of [
      [{}, /source|api/],
      [{ api: 'https://192.0.2.10' }, /api/],
      [{ api: 'http://192.0.2.10', source: 'tcp://192.0.2.10:502' }, /source/],
    ] as const) {
      box.write(`${ESSENTIALS}extensions: ${JSON.stringify({ roof: { use: 'fronius', config } })}\n`);
      const { status, out, err } = await box.smx(['check']);
      expect([status, `${out}${err}`]).toEqual([2, expect.stringMatching(text)]);
    }
  });
});
