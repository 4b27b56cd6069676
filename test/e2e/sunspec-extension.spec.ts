import { createServer as createHttp } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { runExtension, type Harness, type HarnessSample } from '@smx-edge/extension-api/runtime';
import { VirtualClock } from '@smx-edge/model';
import { control, parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';
import sunspec from '@smx-edge/sunspec';
import { RtuLine } from './rtu-line.js';
import { Box, stop, until } from './smxcore-support.js';

/** The reader of SunSpec devices on the inverter of a house, over real sockets, with what goes wrong on them. */
const NOON = '2026-06-20T10:00:00Z';
const NIGHT = '2026-06-21T00:30:00Z';
const HOUSE = { seed: 5, meters: [], ev: false, heatPump: false, battery: { soc: 50 } };
const DEFAULTS = { names: {}, poll: '200ms', timeout: '1s' };

let site: Site;
const sites: Site[] = [];
let clock: VirtualClock;
let harness: Harness | undefined;

async function house(device: object = {}, given: object = {}): Promise<string> {
  clock = new VirtualClock(Date.parse('2026-06-01T00:00:00Z'));
  const devices = [{ protocol: 'sunspec', name: 'inverter', ...device }];
  site = await startSite(parseSiteConfig({ start: NOON, ...HOUSE, ...given, devices }), { clock });
  sites.push(site);
  clock.advance(30_000);
  return site.devices.get('inverter')!.source;
}

function read(config: object, state: Record<string, unknown> = {}): Harness {
  harness = runExtension(sunspec, { config: { ...DEFAULTS, ...config } as never, state });
  return harness;
}

const seen = (path: string): HarnessSample | undefined => harness!.seen.values.get(path);
const value = (path: string): unknown => seen(path)?.value;
const tell = (command: object): object => control(site, JSON.stringify({ device: 'inverter', ...command }));
const status = (): { state: string; text: string | null } | undefined => harness!.seen.statuses.at(-1);
const wait = (condition: () => boolean): Promise<void> => harness!.until(condition, 60_000);
const polls = (path: string): number => harness!.seen.batches.flat().filter((sample) => sample.path === path).length;
/** Waits for so many more readings. */
async function pass(path: string, more = 3): Promise<void> {
  const before = polls(path);
  await wait(() => polls(path) >= before + more);
}

afterEach(async () => {
  await harness?.stop();
  expect(harness?.seen.exceptions ?? []).toEqual([]);
  expect(harness?.seen.refused ?? []).toEqual([]);
  harness = undefined;
  for (const one of sites.splice(0)) await one.stop();
});

describe('in this process', () => {
  it.each([
    ['gen24', 'int', 'good'],
    ['gen24', 'float', 'good'],
    ['verto', 'int', 'good'],
    ['datamanager', 'int', 'uncertain'],
    ['generic', 'int', 'good'],
  ] as const)('a house behind %s in %s is found and has the signs of the house', async (flavour, numbers, quality) => {
    read({ source: await house({ flavour, numbers }) });
    await pass('pcc/power/active/export');
    await pass('battery/power');
    const { pv, battery, meter, grid } = site.house;
    const close = (path: string, to: number): void =>
      expect([path, value(path)]).toEqual([path, expect.closeTo(to, 0)]);
    close('inverter/power/active', battery!.meter.power - pv.power);
    close('pcc/power/active', meter.power);
    close('pcc/power/active/export', Math.max(0, -meter.power));
    close('pcc/voltage/l2', grid.voltage[1]!);
    close('pv/mppt1/power', -pv.strings[0]!.power);
    close('battery/power', battery!.direct);
    close('battery/soc', battery!.soc);
    expect(seen('battery/power')!.quality).toBe(quality);
    expect(value('inverter/status')).toBe('mppt');
    expect(value('pcc/energy/active/import')).toBeCloseTo(meter.wattHours('import'), -1);
    await wait(() => status()?.state === 'ok');
    expect([...harness!.seen.devices.values()].map(({ name, online }) => [name, online])).toEqual(
      expect.arrayContaining([['inverter', true], ['pv', true], ['battery', true], ['pcc', true]]), // prettier-ignore
    );
  });

  it('one that answers byte by byte, late, and loses its power gives no wrong value, and comes back', async () => {
    const devices = [{ protocol: 'sunspec', name: 'inverter' }];
    site = await startSite(parseSiteConfig({ start: NOON, ...HOUSE, devices }));
    sites.push(site);
    read({ source: site.devices.get('inverter')!.source, units: [1, 200] });
    await pass('pcc/frequency');
    for (const fault of [
      { fault: 'drip', by: 0.0005 },
      { fault: 'delay', by: 0.3 },
      { fault: 'power', by: 1 },
    ]) {
      tell(fault);
      await pass('pcc/frequency', 2);
      tell({ clear: true });
    }
    await pass('inverter/frequency');
    for (const { path, value: found } of harness!.seen.batches.flat()) {
      if (path.endsWith('/frequency')) expect([path, found]).toEqual([path, expect.closeTo(50, 0)]);
      if (/voltage\/l\d$/.test(path)) expect([path, found]).toEqual([path, expect.closeTo(235, -2)]);
    }
  });

  it('energies that a Datamanager does not count are integrated and say so', async () => {
    read({ source: await house({ flavour: 'datamanager' }), units: [1, 240] });
    await wait(() => polls('battery/power') >= 3);
    await harness!.stop();
    const kept = Object.fromEntries(harness!.seen.state);
    expect(kept['energy battery/energy/charged']).toMatchObject({
      integral: { covered: expect.any(Number) as number },
    });
    expect(value('battery/energy/charged')).toBeUndefined();
    // what an earlier run has decided holds
    read({ source: site.devices.get('inverter')!.source, units: [1, 240] }, {
      ...kept,
      'energy battery/energy/charged': { ...(kept['energy battery/energy/charged'] as object), method: 'integral' },
    }); // prettier-ignore
    await wait(() => value('battery/energy/charged') !== undefined && value('battery/energy/method') !== undefined);
    expect(seen('battery/energy/charged')).toMatchObject({ quality: 'substituted' });
    expect(value('battery/energy/method')).toBe('integral');
    expect(value('battery/energy/coverage')).toEqual(expect.any(Number));
  });

  it.each([
    { fault: 'scale' },
    { fault: 'model-type', answers: 4 },
    { fault: 'tracker', answers: 7 },
    { fault: 'null-frame', share: 0.4 },
    { fault: 'sleep', share: 0.3 },
    { fault: 'busy', share: 0.3 },
    { fault: 'transaction', answers: 1 },
    { fault: 'unit', answers: 2 },
    { fault: 'garbage', answers: 2 },
    { fault: 'cut', answers: 1 },
    { fault: 'silence', answers: 2 },
    { fault: 'idle-counter' },
  ])('with the fault %j no value is wrong and no counter falls', async (fault) => {
    read({ source: await house(), units: [1, 200] });
    await pass('inverter/power/active');
    tell(fault);
    await pass('inverter/power/active', 8);
    tell({ clear: true });
    await pass('inverter/power/active');
    await pass('pcc/power/active');
    const { pv, battery, meter, grid } = site.house;
    const truth: Record<string, number> = {
      'inverter/power/active': battery!.meter.power - pv.power,
      'pcc/power/active': meter.power,
      'pv/mppt1/power': -pv.strings[0]!.power,
      'battery/power': battery!.direct,
      'battery/soc': battery!.soc,
      'inverter/voltage/l1': grid.voltage[0]!,
      'inverter/frequency': grid.frequency,
    };
    const before = new Map<string, number>();
    for (const { path, value: found } of harness!.seen.batches.flat()) {
      // one that sleeps says itself that it gives nothing
      const isAsleep = fault.fault === 'sleep' && path === 'inverter/power/active' && found === 0;
      if (typeof found !== 'number' || isAsleep) continue;
      if (path in truth) expect([path, Math.abs(found - truth[path]!) < 6]).toEqual([path, true]);
      if (!/energy\/(active\/|produced|charged|discharged)/.test(path)) continue;
      expect([path, found]).toEqual([path, expect.any(Number)]);
      expect(found).toBeGreaterThanOrEqual(before.get(path) ?? 1);
      before.set(path, found);
    }
    expect(before.size).toBeGreaterThanOrEqual(5);
  });

  it('by night nothing is 0 that is not measured, the counters stand, and a device that sleeps at a start is known', async () => {
    const source = await house({ night: 'sleep' });
    read({ source });
    await wait(() => status()?.state === 'ok' && value('pcc/power/active') !== undefined);
    const produced = value('pv/energy/produced') as number;
    tell({ fault: 'sleep' });
    await wait(() => seen('pv/power')?.value === null);
    expect(seen('pv/power')).toMatchObject({ quality: 'bad', reason: 'the device gives no value' });
    expect(value('inverter/status')).toBe('sleeping');
    expect(value('pv/energy/produced')).toBeGreaterThanOrEqual(produced);
    await harness!.stop();
    const kept = Object.fromEntries(harness!.seen.state);
    expect(kept['units']).toEqual([1, 200]);
    await sites.pop()!.stop();
    site = await startSite(
      parseSiteConfig({
        ...{ start: NIGHT, ...HOUSE, battery: { soc: 5 } },
        devices: [{ protocol: 'sunspec', name: 'inverter', night: 'exception', port: Number(new URL(source).port) }],
      }),
      { clock },
    );
    sites.push(site);
    read({ source }, kept);
    await wait(() => value('pcc/power/active') !== undefined && /exception 11/.test(status()?.text ?? ''));
    expect(status()).toMatchObject({ state: 'ok' });
  });
});

describe('what is no SunSpec device has one state that says what to do', () => {
  const servers: Server[] = [];
  const serve = async (server: Server): Promise<string> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `modbus://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const says = async (config: object, text: RegExp): Promise<void> => {
    read(config);
    await wait(() => status()?.state === 'error' && text.test(status()?.text ?? ''));
    expect(harness!.seen.devices.size).toBe(0);
  };
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it('a host that nobody is at', async () => {
    const server = createServer();
    const source = await serve(server);
    await new Promise((resolve) => server.close(resolve));
    await says({ source }, /127\.0\.0\.1/);
  });

  it('a web page', async () => {
    const server = createHttp((_, response) => response.end('<html>'));
    await says({ source: await serve(server) }, /does not speak Modbus.*check host and port|closed the connection/);
  });

  it('another unit', async () => {
    await says({ source: await house(), units: [7] }, /unit 7 .*did not answer.*check the unit/);
  });

  it('registers without a marker', async () => {
    const server = createServer((socket) =>
      socket.on('data', (asked) => {
        const bytes = Buffer.concat([asked.subarray(0, 4), Buffer.from([0, 3, asked[6]!, asked[7]! | 0x80, 2])]);
        socket.write(bytes);
      }),
    );
    await says({ source: await serve(server) }, /is no SunSpec device; switch SunSpec on/);
  });

  it('one that refuses to be read', async () => {
    const server = createServer((socket) =>
      socket.on('data', (asked) => {
        socket.write(Buffer.concat([asked.subarray(0, 4), Buffer.from([0, 3, asked[6]!, asked[7]! | 0x80, 4])]));
      }),
    );
    await says({ source: await serve(server), units: [1] }, /exception 4.*allow Modbus/);
  });
});

describe('in a box', () => {
  const ESSENTIALS = 'site: test\ndata: ./var\nhttp: { port: 0 }\nbroker: { port: 0 }\n';
  let box: Box;
  beforeEach(() => (box = new Box('', ESSENTIALS)));
  afterEach(() => box.remove());

  const section = (extensions: object): void => box.write(`${ESSENTIALS}extensions: ${JSON.stringify(extensions)}\n`);
  const valueOf = async (path: string): Promise<unknown> => {
    const { out } = await box.smx(['read', path, '--json']);
    return (JSON.parse(out) as { value: unknown }[])[0]?.value;
  };

  it('a house is found, read with the section that gives, and two instances on one host are told', async () => {
    const source = await house();
    const { core } = await box.core();
    const found = await box.smx(['discover', 'sunspec', source, '--json']);
    expect(found).toMatchObject({ status: 0, err: '' });
    const { title, config } = JSON.parse(found.out) as { title: string; config: object };
    expect(title).toMatch(/unit 1: Fronius Symo GEN24.*inverter, pv, battery.*unit 200: .*meter/);
    expect(config).toEqual({ source, units: [1, 200] });
    await stop(core);
    section({ pv: { use: 'sunspec', config }, other: { use: 'sunspec', config } });
    const twice = await box.smx(['check']);
    expect(twice.status).toBe(2);
    expect(twice.out + twice.err).toContain('is read by extensions.pv already');
    section({ pv: { use: 'sunspec', config } });
    expect(await box.smx(['check'])).toMatchObject({ status: 0 });
    await box.core();
    await until(async () => typeof (await valueOf('battery/soc')) === 'number');
    expect(await valueOf('pcc/power/active')).toBeCloseTo(site.house.meter.power, 0);
    expect(await valueOf('pv/power')).toBeLessThan(0);
  });

  it('a house on a serial line is found and read as over TCP', async () => {
    const pty = join(box.folder, 'tty');
    const line = await RtuLine.open(await house(), [1, 200], pty);
    try {
      const source = `modbus+rtu:${pty}?baud=38400`;
      const { core } = await box.core();
      const { out, err } = await box.smx(['discover', 'sunspec', source, '--json']);
      expect([out.length > 0, err]).toEqual([true, '']);
      const { config } = JSON.parse(out) as { config: object };
      expect(config).toEqual({ source, units: [1, 200] });
      await stop(core);
      section({ pv: { use: 'sunspec', config } });
      await box.core();
      await until(async () => typeof (await valueOf('pcc/power/active')) === 'number');
      const { battery, meter } = site.house;
      expect(await valueOf('pcc/power/active')).toBeCloseTo(meter.power, 0);
      expect(await valueOf('battery/soc')).toBeCloseTo(battery!.soc, 0);
    } finally {
      await line.close();
    }
  });
});
