import { ProfileBook, runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { encodeStamp, type ServerOptions } from '@smx-edge/protocols/iec62056-21';
import {
  isAsked,
  logText,
  profileText,
  TestMeter,
  type TestMeterOptions,
  type TestRow,
} from '../test-support/test-meter.js';
import meterIec from './index.js';
import type { IecConfig } from './settings.js';

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const STX = 0x02;
/** A maker that answers within 20 ms. */
const QUICK: ServerOptions['identification'] = { manufacturer: 'LGz', speed: '5', escapes: [], text: 'ZMD3104100' };
const CHANNELS = [['1.5', 'kW'], ['1-0:2.5.0', 'kW']] as const; // prettier-ignore
let power = 1.234;
let meter: TestMeter;
let harness: Harness;

/** What a meter prints whose clock is ten seconds ahead and knows no zone but UTC. */
function readout(): string {
  const clock = encodeStamp({ local: Date.now() + 10_000 }, 12);
  return [
    'F.F(00000000)',
    '0.0.0(53078125)',
    `0.9.1(${clock.slice(6)})`,
    `0.9.2(${clock.slice(0, 6)})`,
    `1.7.0(${power.toFixed(3)}*kW)2.7.0(00.000*kW)`,
    '1.8.0(000102.28*kWh)',
    '1.8.0*19(000101.71*kWh)',
    '1.8.0&18(000100.02*kWh)',
    '1.6.1(000.01*kW)(26-01-02 08:30)',
    '32.7.0(230.7*V)',
    '32.7.0(0002)(26-01-01 00:00)',
    '131.7.0(-00.045*kvar)',
    '0.2.1()',
    '52.7.0(231.1)',
    'C.7.0(00000197)',
    '!',
    '',
  ].join('\r\n');
}

async function open(
  options: TestMeterOptions = {},
  config: Partial<IecConfig> = {},
  given: { state?: Record<string, unknown>; profiles?: ProfileBook } = {},
): Promise<void> {
  meter = new TestMeter({ identification: QUICK, readout, ...options });
  run({ source: await meter.open(), ...config }, given);
}

function run(config: IecConfig, given: { state?: Record<string, unknown>; profiles?: ProfileBook } = {}): void {
  harness = runExtension(meterIec, {
    config: { readout: '300ms', baud: 'any', 'baud-delay': '1ms', timezone: 'UTC', ...config },
    timezone: 'Europe/Rome',
    ...given,
  });
}

const seen = (path: string): unknown => harness.seen.values.get(path)?.value;
/** Long, for a machine that is busy with much else. */
const until = (condition: () => boolean): Promise<void> => harness.until(condition, 60_000);
const raised = (code: string): boolean => harness.seen.events.some((event) => event.code === code && event.state === 'raised'); // prettier-ignore
const asked = (what: string): number => meter.asked.filter((text) => text.includes(what)).length;

beforeEach(() => {
  power = 1.234;
});

afterEach(async () => {
  await harness.stop();
  await meter.close();
  expect(harness.seen.exceptions).toEqual([]);
  expect(harness.seen.refused).toEqual([]);
});

describe.each(['A', 'B', 'C'] as const)('a meter of mode %s', (mode) => {
  it('gives its readout as points: named as everywhere, in units of the house, and nothing of the past', async () => {
    const speed = { A: ' ', B: 'E', C: '5' }[mode];
    await open({ mode, identification: { ...QUICK, speed } }, { points: { 'energy/last-year': '1.8.0*19' } });
    await until(() => seen('pcc/clock/offset') !== undefined && seen('pcc/power/active') === 1234);
    const { values, definitions } = harness.seen;
    expect(seen('pcc/voltage/l1')).toBe(230.7);
    expect(seen('pcc/energy/active/import')).toBe(102_280);
    expect(seen('pcc/energy/last-year')).toBe(101_710);
    expect(seen('pcc/power/reactive')).toBe(-45);
    expect(seen('pcc/serial')).toBe('53078125');
    expect(seen('pcc/obis/1-0_1-6-1')).toBe(10);
    expect(seen('pcc/obis/1-0_1-6-1/at')).toBe(Date.UTC(2026, 0, 2, 8, 30));
    expect(seen('pcc/obis/0-0_96-7-0')).toBe('00000197');
    expect(values.get('pcc/voltage/l2')).toMatchObject({ value: 231.1, quality: 'uncertain' });
    expect(definitions.get('pcc/energy/active/import')).toMatchObject({
      unit: 'Wh',
      obis: '1-0:1.8.0',
      kind: 'counter',
    });
    expect(definitions.get('pcc/serial')).toMatchObject({ personal: true });
    expect(Math.abs((seen('pcc/clock/offset') as number) - 10)).toBeLessThan(3);
    // the time of a value is the meter's own
    expect(values.get('pcc/voltage/l1')!.t! - Date.now()).toBeGreaterThan(5000);
    expect([...values.keys()].filter((path) => /18|19|0-2-1/.test(path))).toEqual([]);
    expect([...harness.seen.devices.values()]).toMatchObject([{ name: 'pcc', manufacturer: 'LGZ', model: 'ZMD3104100', serial: '53078125', online: true }]); // prettier-ignore
    power = 0.5;
    await until(() => seen('pcc/power/active') === 500);
  });
});

it('a meter whose readout takes longer than they are apart has values that stay fresh until the next', async () => {
  const SLOW = 400;
  const spoil = (bytes: Uint8Array): Uint8Array => {
    if ((bytes[0]! & 0x7f) !== STX) return bytes;
    setTimeout(() => meter.push(bytes.subarray(9)), SLOW);
    return bytes.subarray(0, 9);
  };
  await open({ spoil }, { readout: '100ms' });
  await until(() => seen('pcc/voltage/l1') === 230.7);
  // it is asked again after as long as it took at the earliest
  expect(harness.seen.definitions.get('pcc/voltage/l1')!.maxAge).toBeGreaterThan(5 * SLOW);
});

describe('a meter in programming mode', () => {
  const secret: Partial<ServerOptions> = {
    isPassword: (command, text) => command === 'P1' && text === '12345678',
    answer: (command, data) => (data === '1.7.0()' ? [`1.7.0(${power.toFixed(3)}*kW)`] : data === '2.7.0()' ? ['(00.000*kW)'] : ['(ERROR06)']), // prettier-ignore
  };

  it('gives registers in a fast cycle, also without their address, and is asked for a protected one once', async () => {
    const poll = { every: '50ms', addresses: ['1.7.0', '2.7.0', '9.9.9'] };
    await open(secret, { readout: '0s', poll, password: '12345678' });
    await until(() => seen('pcc/power/active') === 1234);
    power = 2;
    await until(() => seen('pcc/power/active') === 2000);
    expect(seen('pcc/power/active/export')).toBe(0);
    expect(harness.seen.values.get('pcc/obis/1-0_9-9-9')).toMatchObject({ value: null, reason: expect.stringContaining('ERROR06') as string }); // prettier-ignore
    expect(asked('9.9.9')).toBe(1);
    expect(asked('\u0001P1')).toBe(1);
    await harness.stop();
    expect(meter.asked.at(-1)).toContain('\u0001B0');
    expect(meter.asked.filter((text) => /\u0001[WE]/.test(text))).toEqual([]);
  });

  it('keeps what the readout gives of a register that is refused alone', async () => {
    await open(secret, { readout: '200ms', poll: { every: '50ms', addresses: ['32.7.0'] }, password: '12345678' });
    await until(() => asked('32.7.0') === 1 && asked('/?') > 4);
    expect(seen('pcc/voltage/l1')).toBe(230.7);
    expect(harness.seen.batches.flat().filter(({ path, value }) => path === 'pcc/voltage/l1' && value === null)).toEqual([]); // prettier-ignore
  });

  it('that refuses the password is given it once, also after a restart, and the device says why', async () => {
    const config = { readout: '0s', poll: { addresses: ['1.7.0'] }, password: '00000000' };
    await open(secret, config);
    await until(() => raised('meter-refused'));
    await harness.stop();
    const state = Object.fromEntries(harness.seen.state);
    expect(JSON.stringify(state)).not.toContain('00000000');
    run({ source: `tcp://127.0.0.1:${meter.port}`, ...config }, { state });
    await until(() => harness.seen.statuses.some(({ state: now, text }) => now === 'error' && text?.includes('password') === true)); // prettier-ignore
    expect(asked('\u0001P1')).toBe(1);
    expect([...harness.seen.devices.values()]).toMatchObject([{ online: false }]);
    // another password may be tried
    await harness.stop();
    run({ source: `tcp://127.0.0.1:${meter.port}`, ...config, password: '12345678' }, { state });
    await until(() => seen('pcc/power/active/import') === 1234);
  });

  it('is none where the meter has none: the state says so, and no value comes', async () => {
    await open(
      { mode: 'A', identification: { ...QUICK, speed: ' ' } },
      { readout: '0s', poll: { addresses: ['1.7.0'] } },
    );
    await until(() => raised('meter-faulty'));
    await until(() => harness.seen.statuses.at(-1)?.text?.includes('mode A') === true);
    expect(seen('pcc/power/active/import')).toBeUndefined();
  });
});

describe('the memory of a meter', () => {
  let rows: TestRow[];
  let entries: { t: number; number: number }[];
  let last: number;
  const row = (before: number, status = '00'): TestRow => {
    const n = 1000 - before;
    return { end: last - before * QUARTER, status, values: [`0.${n}`, '0.0000'] };
  };
  const memory = (more: Partial<ServerOptions> = {}): Partial<ServerOptions> => ({
    answer: (command, data) => {
      if (data.startsWith('P.98')) return [logText(data, entries)];
      if (!data.startsWith('P.01')) return ['(ERROR06)'];
      const text = profileText(data, { rows, period: 15, channels: CHANNELS });
      // partial blocks, which cut rows anywhere
      return command === 'R6' ? text.match(/[^]{1,40}/g)! : [text];
    },
    ...more,
  });
  const wanted = { profiles: ['P.98', 'P.01'], 'back-fill': '6h' };
  const kept = (profiles: ProfileBook, id = 'P.01'): unknown[] => profiles.rows(`pcc/${id}`);
  /** With all digits of the meter, in W. */
  const stored = ({ end, status, values }: TestRow): unknown[] => [
    end,
    Number.parseInt(status, 16),
    ...values.map((value) => (Number(value) * 1000).toFixed(value.length - 5)),
  ];
  const told = (): unknown[] => harness.seen.events.filter(({ code }) => code.startsWith('log.')).map(({ code, t }) => [code, t]); // prettier-ignore

  beforeEach(() => {
    last = Math.floor((Date.now() - 25_000) / QUARTER) * QUARTER;
    entries = [77, 5].map((number, i) => ({ t: last - (2 - i) * 3_600_000, number }));
    // one row is not in the meter, and another has a status
    rows = [9, 8, 7, 6, 4, 3, 2, 1, 0].map((before) => row(before, before === 2 ? '80' : '00'));
  });

  it('comes over row by row, with gaps and status, its log as events, and goes on after a restart with what is new', async () => {
    const profiles = new ProfileBook();
    await open(memory(), { ...wanted, profile: 'metcom' }, { profiles });
    await until(() => kept(profiles).length === rows.length && told().length === 2);
    expect(kept(profiles)).toEqual(rows.map(stored));
    expect(told()).toEqual([['log.77', last - 2 * 3_600_000], ['log.5', last - 3_600_000]]); // prettier-ignore
    expect(profiles.definitions()).toMatchObject([{ id: 'P.01', period: QUARTER, columns: [{ obis: '1-0:1.5.0', unit: 'W' }, { obis: '1-0:2.5.0', unit: 'W' }] }]); // prettier-ignore
    await harness.stop();
    await meter.close();
    const state = Object.fromEntries(harness.seen.state);
    const before = [...kept(profiles)];
    rows = rows.map((one) => ({ ...one, values: ['9.999', '9.999'] }));
    entries = [...entries, { t: Date.now(), number: 9 }];
    await open(memory(), { ...wanted, profile: 'metcom' }, { profiles, state });
    await until(() => told().length > 0 && asked('P.01(') > 0);
    const looked = asked('/?');
    await until(() => asked('/?') > looked + 3);
    expect(kept(profiles)).toEqual(before);
    expect(
      told()
        .map((one) => (one as [string])[0])
        .filter((code) => code === 'log.9'),
    ).toHaveLength(1);
  });

  it('of another shape than before goes under another id, and what is kept stays', async () => {
    const profiles = new ProfileBook();
    const old = profileText('P.01(;)', { rows: rows.slice(0, 4), period: 15, channels: CHANNELS });
    const now = profileText('P.01(;)', { rows: rows.slice(4).map((one) => ({ ...one, values: one.values.slice(0, 1) })), period: 15, channels: CHANNELS.slice(0, 1) }); // prettier-ignore
    await open({ answer: (_, data) => (data.startsWith('P.01') ? [old + now] : ['(ERROR06)']) }, { ...wanted, profiles: ['P.01'] }, { profiles }); // prettier-ignore
    await until(() => kept(profiles).length + kept(profiles, 'P.01_2').length === rows.length);
    expect([kept(profiles).length, kept(profiles, 'P.01_2').length].sort()).toEqual([4, 5]);
    await harness.stop();
    const state = Object.fromEntries(harness.seen.state);
    run({ source: `tcp://127.0.0.1:${meter.port}`, ...wanted, profiles: ['P.01'] }, { profiles, state });
    const before = asked('P.01(');
    await until(() => asked('P.01(') > before);
    const looked = asked('/?');
    await until(() => asked('/?') > looked + 3);
    expect(profiles.definitions()).toHaveLength(2);
  });

  it('that refuses ranges which hold nothing, and gives few rows at once, is read whole all the same', async () => {
    const profiles = new ProfileBook();
    rows = rows.filter(({ end }) => end > last - 5 * QUARTER);
    const answer = (_: string, data: string): string[] => {
      if (data.startsWith('P.98')) return ['(ERROR)'];
      const given = rows.filter(({ end }) => isAsked(data, end)).slice(0, 2);
      return given.length === 0
        ? ['(ERROR)']
        : [profileText('P.01(;)', { rows: given, period: 15, channels: CHANNELS })];
    };
    await open({ answer }, wanted, { profiles });
    await until(() => kept(profiles).length === rows.length);
    expect(kept(profiles)).toEqual(rows.map(stored));
    expect(harness.seen.events).toEqual([]);
  });

  it('with a time in each row and no heading, as of Turkish makers, is asked for by R2', async () => {
    const profiles = new ProfileBook();
    const written = (end: number): string => new Date(end).toISOString().slice(2, 16).replace('T', ',');
    const answer = (command: string, data: string): string[] => {
      if (command !== 'R2') return ['(ERROR06)'];
      const given = rows.filter(({ end }) => isAsked(data, end));
      return [given.length === 0 ? 'P.01()' : given.map(({ end, values }) => `P.01(${written(end)})(${values.join(')(')})\r\n`).join('')]; // prettier-ignore
    };
    await open({ answer }, { ...wanted, profiles: ['P.01'], profile: 'turkish', channels: ['1.8.0*kWh', '2.8.0*kWh'] }, { profiles }); // prettier-ignore
    await until(() => kept(profiles).length === rows.length);
    expect(kept(profiles)).toEqual(rows.map((one) => stored({ ...one, status: '00' })));
    expect(profiles.definitions()).toMatchObject([
      { columns: [{ obis: '1-0:1.8.0', unit: 'Wh' }, { obis: '1-0:2.8.0' }] },
    ]);
  });
});

describe('a line', () => {
  it('with several meters is read address by address, each with its own faults, and stale ones do not hold the others up', async () => {
    const own = (serial: string, volts: number): Partial<ServerOptions> => ({ address: serial, identification: QUICK, readout: () => `0.0.0(${serial})\r\n32.7.0(${volts}*V)\r\n!\r\n` }); // prettier-ignore
    const options = { ...own('11', 231), beside: [own('12', 232)] };
    await open(options, { address: '11', others: { tenant: { address: '12' } } });
    await until(() => seen('pcc/voltage/l1') === 231 && seen('tenant/voltage/l1') === 232);
    expect([seen('pcc/serial'), seen('tenant/serial')]).toEqual(['11', '12']);
    expect(harness.seen.events).toEqual([]);
  });

  it('that others use as well is given back between readings', async () => {
    await open({}, { share: { for: '5s', pause: '200ms' }, readout: '100ms' });
    await until(() => seen('pcc/voltage/l1') === 230.7);
    await until(() => meter.connections === 0);
    power = 3;
    await until(() => seen('pcc/power/active') === 3000);
    await until(() => meter.connections === 0);
  });

  it('that gives an echo, and takes the parity off, is read the same', async () => {
    await open({ echoes: true, spoil: (bytes) => bytes.map((byte) => byte & 0x7f) });
    await until(() => seen('pcc/voltage/l1') === 230.7);
    expect(harness.seen.values.get('pcc/voltage/l1')).toMatchObject({ quality: 'good' });
  });

  it('whose blocks always have a wrong check gives no value, and a state that says so', async () => {
    await open({ spoil: (bytes) => bytes.map((byte, i) => (bytes.length > 50 && i === 20 ? byte ^ 0x03 : byte)) });
    await until(() => raised('meter-faulty'));
    expect(harness.seen.values.get('pcc/voltage/l1')).toBeUndefined();
    await until(() => harness.seen.statuses.at(-1)?.text?.includes('damaged') === true);
  });

  it('with another meter than the config expects gives nothing of it', async () => {
    await open({}, { serial: '99' });
    await until(() => raised('meter-faulty'));
    expect(seen('pcc/voltage/l1')).toBeUndefined();
    await until(() => harness.seen.statuses.at(-1)?.text?.includes('53078125') === true);
  });

  it('on which the meter of another address answers gives nothing of it', async () => {
    const config = { address: '11', others: { tenant: { address: '12' } } };
    const both = (one: string, two: string): TestMeterOptions => ({
      ...{ address: '11', readout: () => `0.0.0(${one})\r\n32.7.0(231*V)\r\n!\r\n` },
      beside: [{ address: '12', identification: QUICK, readout: () => `0.0.0(${two})\r\n32.7.0(232*V)\r\n!\r\n` }],
    });
    await open(both('901', '902'), config, { state: { 'at:12': '901' } });
    await until(() => raised('meter-faulty') && seen('tenant/voltage/l1') === 232);
    expect(seen('pcc/voltage/l1')).toBeUndefined();
    await until(() => harness.seen.statuses.at(-1)?.text?.includes('give each its `serial`') === true || seen('pcc/voltage/l1') === 231); // prettier-ignore
  });

  it.each([
    ['the serial number of another address', {}, 'tenant/voltage/l1'],
    ['another serial number than the config says', { serial: '99' }, undefined],
  ])('on which a meter shows %s gives no registers of it either', async (_, more, other) => {
    const answer = (serial: string, volts: number) => (_command: string, data: string) => [data === '0.0.0()' ? `(${serial})` : `32.7.0(${volts}*V)`]; // prettier-ignore
    const config = { address: '11', readout: '0s', poll: { every: '50ms', addresses: ['32.7.0'] }, ...more };
    await open(
      { address: '11', answer: answer('901', 231), beside: [{ address: '12', identification: QUICK, answer: answer('902', 232) }] }, // prettier-ignore
      other === undefined ? config : { ...config, others: { tenant: { address: '12' } } },
      { state: { 'at:12': '901' } },
    );
    await until(() => raised('meter-faulty') && (other === undefined || seen(other) === 232));
    expect(seen('pcc/voltage/l1')).toBeUndefined();
  });

  it('with another meter than before tells that, once', async () => {
    await open({}, {}, { state: { 'serial:pcc': '42' } });
    await until(() => harness.seen.events.some(({ code }) => code === 'meter-replaced'));
    await until(() => asked('/?') > 3);
    expect(harness.seen.events.filter(({ code }) => code === 'meter-replaced')).toHaveLength(1);
  });
});
