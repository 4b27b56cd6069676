import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { VirtualClock } from '@smx-edge/model';
import { P1Decoder, parseKey } from '@smx-edge/protocols/p1';
import { parseSiteConfig } from './config.js';
import { control } from './control.js';
import { startSite, type Site } from './site.js';

const KEY = '00112233445566778899AABBCCDDEEFF';
const START = '2026-06-20T09:00:00Z';
const CONFIG = {
  seed: 5,
  start: START,
  battery: { soc: 50, power: 4000 },
  meters: [
    { name: 'main', port: 0, version: 'emucs-1.7.1' },
    { name: 'lux', port: 0, version: 'luxembourg', key: KEY },
  ],
};

const dlms = (fields: object): object => ({ meters: [{ protocol: 'dlms', ...fields }] });
const iec = (fields: object): object => ({ meters: [{ protocol: 'iec62056-21', ...fields }] });

const device = (fields: object): object => ({ meters: [], devices: [fields] });

const problem = (raw: unknown): { code?: string; message?: string } => {
  try {
    parseSiteConfig(raw);
    return {};
  } catch (error) {
    return error as { code: string; message: string };
  }
};

describe('config of the virtual site', () => {
  it('is one Belgian meter where nothing is said', () =>
    expect(parseSiteConfig({})).toMatchObject({
      speed: 1,
      meters: [{ name: 'p1', version: 'emucs-1.7.1', address: { host: '127.0.0.1', port: 2001 } }],
    }));

  it('names devices, versions, seeds and faults', () => {
    const config = parseSiteConfig({
      ...CONFIG,
      ev: false,
      heatPump: { heat: 6000 },
      meters: [
        {
          version: 'dsmr-4.2',
          faults: [
            { fault: 'clock', by: -60 },
            { fault: 'noise', share: 0.1 },
          ],
        },
      ],
    });
    expect(config.house).toMatchObject({ seed: 5, ev: false, heatPump: { pump: 6000 }, battery: { soc: 50 } });
    expect(config.start).toBe(Date.parse(START));
    expect(config.meters[0]!.faults).toEqual([
      { kind: 'clock', by: -60_000 },
      { kind: 'noise', share: 0.1 },
    ]);
  });

  it('names what a DLMS meter can be; no secret of it stands where it is not wanted', () => {
    const devices = [{ physical: 1651 }, { server: 17 }];
    const faults = [{ fault: 'delay', by: 0.5, answers: 3 }];
    const config = parseSiteConfig(dlms({ referencing: 'sn', limits: { receive: 62 }, password: '00000000', devices, faults })); // prettier-ignore
    expect(config.meters).toMatchObject([
      {
        ...{ protocol: 'dlms', name: 'dlms', referencing: 'sn', transport: 'hdlc', blocks: 'none', days: 92 },
        limits: { infoTransmit: 128, infoReceive: 62, windowTransmit: 1, windowReceive: 1 },
        devices: [{ server: 1, physical: 1651 }, { server: 17 }],
        password: Buffer.from('00000000'),
        faults: [{ kind: 'delay', by: 500, answers: 3 }],
      },
    ]);
  });

  it('names what an S1 port can be', () => {
    const s1 = (fields: object): object => ({ meters: [{ protocol: 's1', ...fields }] });
    expect(parseSiteConfig(s1({})).meters).toMatchObject([
      { name: 's1', connection: 'three-phase', samplesPerPeriod: 52, neutral: true, isInverted: false },
    ]);
    const config = parseSiteConfig(s1({ connection: 'three-wire', samplesPerSecond: 4000, harmonics: { '5': 3 }, flicker: 1, faults: [{ fault: 'loss', share: 0.01 }] })); // prettier-ignore
    expect(config.meters).toMatchObject([
      {
        ...{ connection: 'three-wire', samplesPerSecond: 4000, harmonics: { 5: 3 } },
        ...{ flicker: { depth: 1, frequency: 8.8 }, faults: [{ kind: 'loss', share: 0.01 }] },
      },
    ]);
    expect(config.meters[0]).not.toHaveProperty('samplesPerPeriod');
    expect(problem(s1({ samplesPerSecond: 2650 })).message).toBe('meters[0].samplesPerSecond takes a multiple of 100, not 2650'); // prettier-ignore
    expect(problem(s1({ samplesPerSecond: 2600, samplesPerPeriod: 52 })).code).toBe('SMX_CONFIG_INVALID');
    expect(problem(s1({ samplesPerPeriod: 52.5 })).code).toBe('SMX_CONFIG_INVALID');
    expect(problem(s1({ meterId: 'a name that is too long' })).code).toBe('SMX_CONFIG_INVALID');
    expect(problem(s1({ harmonics: { '41': 3 } })).code).toBe('SMX_CONFIG_UNKNOWN_KEY');
    expect(problem({ ...s1({}), speed: 100 }).message).toBe('speed takes at most 50 where a meter has an S1 port, not 100'); // prettier-ignore
  });

  it('names what a meter of IEC 62056-21 can be', () => {
    const faults = [{ fault: 'check', answers: 3 }];
    const config = parseSiteConfig(iec({ mode: 'D', family: 'emh', baud: 2400, interval: 0.5, devices: [{ address: '12' }, {}], faults })); // prettier-ignore
    expect(config.meters).toMatchObject([
      {
        ...{ protocol: 'iec62056-21', name: 'iec62056-21', mode: 'D', family: 'emh', baud: 2400, interval: 500 },
        ...{ addresses: ['12', undefined], stamp: 'end', framed: true, days: 92, serial: '53078125' },
        faults: [{ kind: 'check', answers: 3 }],
      },
    ]);
  });

  it.each([
    [{ speeed: 2 }, 'SMX_CONFIG_UNKNOWN_KEY', 'did you mean "speed"'],
    [{ battery: { capcity: 2 } }, 'SMX_CONFIG_UNKNOWN_KEY', 'battery.capcity'],
    [{ start: 'tomorrow' }, 'SMX_CONFIG_INVALID', 'start'],
    [{ timezone: 'Mars/Olympus' }, 'SMX_CONFIG_INVALID', 'timezone'],
    [{ speed: 0 }, 'SMX_CONFIG_INVALID', 'speed'],
    [{ meters: [{ version: 'dsmr-6' }] }, 'SMX_CONFIG_INVALID', 'meters[0].version'],
    [{ meters: [{ name: 'a' }, { name: 'a' }] }, 'SMX_CONFIG_INVALID', 'two are named "a"'],
    [{ meters: [{ faults: [{ fault: 'fire' }] }] }, 'SMX_CONFIG_INVALID', 'meters[0].faults[0].fault'],
    [{ meters: [{ key: 'abc' }] }, 'SMX_PROTOCOL_KEY', '32 hexadecimal'],
    [dlms({ version: 'dsmr-4.2' }), 'SMX_CONFIG_UNKNOWN_KEY', 'meters[0].version'],
    [dlms({ transport: 'wrapper', pty: '/tmp/x' }), 'SMX_CONFIG_INVALID', 'no serial line'],
    [dlms({ transport: 'mode-e', baud: 38_400 }), 'SMX_CONFIG_INVALID', 'meters[0].baud'],
    [dlms({ serial: 'LGZ1' }), 'SMX_CONFIG_INVALID', 'meters[0].serial'],
    [dlms({ security: { suite: 2, encryptionKey: KEY, authenticationKey: KEY } }), 'SMX_CONFIG_INVALID', '64 hexadecimal'], // prettier-ignore
    [dlms({ limits: { recieve: 62 } }), 'SMX_CONFIG_UNKNOWN_KEY', 'did you mean "receive"'],
    [iec({ mode: 'F' }), 'SMX_CONFIG_INVALID', 'one of A, B, C, D, E'],
    [iec({ baud: 38_400 }), 'SMX_CONFIG_INVALID', 'meters[0].baud'],
    [iec({ mode: 'A', baud: 9600 }), 'SMX_CONFIG_INVALID', 'a speed that mode A has'],
    [iec({ mode: 'B', baud: 300 }), 'SMX_CONFIG_INVALID', 'a speed that mode B has'],
    [iec({ family: 'siemens' }), 'SMX_CONFIG_INVALID', 'landis-gyr'],
    [iec({ password: '(1)' }), 'SMX_CONFIG_INVALID', 'without brackets'],
    [iec({ devices: [{ address: 'ä' }] }), 'SMX_CONFIG_INVALID', 'meters[0].devices[0].address'],
    [iec({ devices: [{ physical: 2 }] }), 'SMX_CONFIG_UNKNOWN_KEY', 'meters[0].devices[0].physical'],
    [iec({ protected: [7] }), 'SMX_CONFIG_INVALID', 'meters[0].protected'],
    [iec({ faults: [{ fault: 'crc' }] }), 'SMX_CONFIG_INVALID', 'meters[0].faults[0].fault'],
    [device({}), 'SMX_CONFIG_INVALID', 'devices[0].protocol takes one of sunspec'],
    [device({ protocol: 'sunspec', flavour: 'gen25' }), 'SMX_CONFIG_INVALID', 'one of gen24'],
    [device({ protocol: 'sunspec', night: 'dark' }), 'SMX_CONFIG_INVALID', 'devices[0].night'],
    [device({ protocol: 'sunspec', broker: 'mqtt://x' }), 'SMX_CONFIG_UNKNOWN_KEY', 'devices[0].broker'],
    [device({ protocol: 'solar-api', version: 2 }), 'SMX_CONFIG_INVALID', 'one of v1, v0'],
    [device({ protocol: 'energy-router', broker: 'http://x' }), 'SMX_CONFIG_INVALID', 'a broker as mqtt://'],
    [device({ protocol: 'smx', site: 'a/b' }), 'SMX_CONFIG_INVALID', 'devices[0].site takes a segment of a topic'],
    [device({ protocol: 'smxcore', ratio: 0 }), 'SMX_CONFIG_INVALID', 'devices[0].ratio'],
    [{ meters: [{ name: 'a' }], devices: [{ name: 'a', protocol: 'sunspec' }] }, 'SMX_CONFIG_INVALID', 'two are named'],
    [{ devices: [{ protocol: 'energy-router' }, { protocol: 'sunspec', name: 'b' }] }, 'SMX_CONFIG_INVALID', 'steers'],
    [[], 'SMX_CONFIG_INVALID', 'an object'],
  ])('refuses %j', (raw, code, words) => {
    expect(problem(raw)).toMatchObject({ code });
    expect(problem(raw).message).toContain(words);
  });
});

describe('virtual site', () => {
  let site: Site;
  let clock: VirtualClock;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    clock = new VirtualClock(Date.parse('2026-01-01T00:00:00Z'));
    site = await startSite(parseSiteConfig(CONFIG), { clock });
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await site.stop();
  });

  const tell = (command: object): Record<string, unknown> => control(site, JSON.stringify(command)) as Record<string, unknown>; // prettier-ignore

  async function reader(name: string, key?: string) {
    const seen: { verdict: string; power: unknown; time: number }[] = [];
    const decoder = new P1Decoder({
      ...(key !== undefined && { key: parseKey(key) }),
      onTelegram: (each) => seen.push({ verdict: each.verdict, power: each.get('power/active'), time: each.time }),
    });
    const socket = connect(site.meters.get(name)!.address);
    sockets.push(socket);
    socket.on('error', () => {}).on('data', (bytes: Buffer) => decoder.push(bytes));
    await once(socket, 'connect');
    await until(() => site.meters.get(name)!.clients > 0);
    return seen;
  }

  async function until(condition: () => boolean): Promise<void> {
    for (let i = 0; i < 2000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(condition()).toBe(true);
  }

  it('shows one house on every meter, each in its own version and pace', async () => {
    const main = await reader('main');
    const lux = await reader('lux', KEY);
    clock.advance(31_000);
    await until(() => main.length >= 30 && lux.length >= 3);
    for (const each of lux) expect(main).toContainEqual(each);
    expect(new Set(main.map(({ verdict }) => verdict))).toEqual(new Set(['ok']));
  });

  it('takes set-points while it runs, says what the devices made of them, and the meter shows it', async () => {
    const main = await reader('main');
    expect(tell({ set: { battery: 9000, ev: 3, pv: 0, plug: true } })).toEqual({ set: { battery: 4000, ev: 3, pv: 0, plug: true } }); // prettier-ignore
    clock.advance(20_000);
    await until(() => main.length >= 20);
    const { state } = tell({ state: true }) as { state: { connection: { power: number }; battery: { power: number }; pv: { power: number }; ev: { offered: number } } }; // prettier-ignore
    expect(state).toMatchObject({ battery: { power: 4000, setpoint: 4000 }, pv: { power: 0 }, ev: { offered: 0 } });
    expect(main.at(-1)!.power).toBe(state.connection.power);
    expect(tell({ set: { battery: null } })).toEqual({ set: { battery: null } });
  });

  it('begins and ends faults while it runs, on one meter or on all', async () => {
    const main = await reader('main');
    expect(tell({ fault: 'crc', meter: 'main', telegrams: 3 })).toEqual({ ok: true });
    expect(tell({ state: true })['faults']).toEqual({ main: [{ kind: 'crc', telegrams: 3 }], lux: [] });
    clock.advance(10_000);
    await until(() => main.length >= 9);
    expect(main.slice(0, 3).map(({ verdict }) => verdict)).toEqual(['bad', 'bad', 'bad']);
    expect(main.slice(3).every(({ verdict }) => verdict === 'ok')).toBe(true);
    tell({ fault: 'silence' });
    const before = main.length;
    clock.advance(10_000);
    expect(tell({ clear: 'silence' })).toEqual({ ok: true });
    clock.advance(5000);
    await until(() => main.length >= before + 4);
    expect(main[before]!.time - main[before - 1]!.time).toBeGreaterThan(9000);
  });

  it.each([
    ['what is no JSON', 'hello', 'SMX_CONFIG_SYNTAX'],
    ['no command', '{}', 'SMX_CONFIG_INVALID'],
    ['an unknown fault', '{"fault":"fire"}', 'SMX_CONFIG_INVALID'],
    ['an unknown meter', '{"fault":"crc","meter":"x"}', 'SMX_CONFIG_INVALID'],
    ['an unknown device', '{"set":{"boiler":1}}', 'SMX_CONFIG_UNKNOWN_KEY'],
    ['a text for a number', '{"set":{"battery":"full"}}', 'SMX_CONFIG_INVALID'],
    ['a number alone', '7', 'SMX_CONFIG_INVALID'],
    ['a clock fault without a time', '{"fault":"clock"}', 'SMX_SIMULATOR_SETPOINT'],
  ])('refuses %s and goes on', (_name, line, code) => expect(control(site, line)).toMatchObject({ error: { code } }));
});

describe('DLMS meter of the site', () => {
  let site: Site;

  beforeEach(async () => {
    const meters = [
      { protocol: 'dlms', port: 0, days: 1 },
      { protocol: 'dlms', name: 'net', transport: 'wrapper', port: 0, days: 1 },
    ];
    site = await startSite(parseSiteConfig({ meters }), { clock: new VirtualClock(Date.parse(START)) });
  });
  afterEach(() => site.stop());

  const tell = (command: object): object => control(site, JSON.stringify(command));

  it('has faults of its own, each meter for itself', () => {
    expect(tell({ fault: 'stuck', meter: 'dlms', answers: 4 })).toEqual({ ok: true });
    expect(tell({ fault: 'clock', by: -30 })).toEqual({ ok: true });
    const clock = { kind: 'clock', by: -30_000 };
    expect(tell({ state: true })).toMatchObject({ faults: { dlms: [{ kind: 'stuck', answers: 4 }, clock], net: [clock] } }); // prettier-ignore
    expect(tell({ clear: 'stuck' })).toEqual({ ok: true });
    expect(tell({ state: true })).toMatchObject({ faults: { dlms: [clock], net: [clock] } });
    expect(tell({ clear: true })).toEqual({ ok: true });
    expect(tell({ state: true })).toMatchObject({ faults: { dlms: [], net: [] } });
  });

  it('ends all faults of devices that are no meters too, where all is cleared', async () => {
    const mixed = await startSite(
      parseSiteConfig({ meters: [{ protocol: 'dlms', port: 0, days: 1 }], devices: [{ protocol: 'sunspec', name: 'inverter', port: 0 }] }), // prettier-ignore
      { clock: new VirtualClock(Date.parse(START)) },
    );
    try {
      const ask = (command: object): object => control(mixed, JSON.stringify(command));
      expect(ask({ fault: 'locked', device: 'inverter' })).toEqual({ ok: true });
      expect(ask({ fault: 'silence' })).toEqual({ ok: true });
      expect(ask({ clear: 'silence' })).toEqual({ ok: true });
      expect(ask({ state: true })).toMatchObject({ faults: { dlms: [], inverter: [{ kind: 'locked' }] } });
      expect(ask({ clear: true })).toEqual({ ok: true });
      expect(ask({ state: true })).toMatchObject({ faults: { dlms: [], inverter: [] } });
    } finally {
      await mixed.stop();
    }
  });

  it.each([
    [{ fault: 'crc' }, 'SMX_CONFIG_INVALID', 'one of silence'],
    [{ fault: 'noise', meter: 'net' }, 'SMX_SIMULATOR_SETPOINT', 'of HDLC lines'],
    [{ fault: 'clock', meter: 'dlms' }, 'SMX_SIMULATOR_SETPOINT', '"by": a time the clock is ahead'],
    [{ fault: 'silence', meter: 'dlms', by: 1 }, 'SMX_SIMULATOR_SETPOINT', 'no "by"'],
    [{ fault: 'delay', meter: 'dlms', by: -1 }, 'SMX_SIMULATOR_SETPOINT', '"by": a time'],
    [{ clear: 'crc' }, 'SMX_CONFIG_INVALID', 'true or one of silence'],
  ])('refuses %j and has no fault after it', (command, code, words) => {
    expect(tell(command)).toMatchObject({ error: { code, message: expect.stringContaining(words) } });
    expect(tell({ state: true })).toMatchObject({ faults: { dlms: [], net: [] } });
  });
});
