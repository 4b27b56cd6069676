import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeDataSets, decodeProfile, type ClientOptions } from '@smx-edge/protocols/iec62056-21';
import { control, IecPort, parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';
import { LineReader, type Took } from '../../apps/site-simulator/test-support/line-reader.js';

/** The client of IEC 62056-21 on the house's own meter over real sockets and terminals, with what goes wrong on real lines. */
const PASSWORD = { command: 'P1', text: '12345678' } as const;
const READOUT: ClientOptions = { mode: 'readout', baudDelay: 20 };
const PROGRAMMING: ClientOptions = { mode: 'programming', password: PASSWORD, baudDelay: 20 };
/** So long no line of these is silent. */
const SILENCE = 1000;

let site: Site;
let meter: IecPort;
let reader: LineReader;
let folder: string;

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'smx-iec-'))));
afterEach(async () => {
  await reader.close();
  await site.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function open(given: object, way: 'tcp' | 'pty' = 'tcp'): Promise<void> {
  const pty = join(folder, 'tty');
  const meters = [{ protocol: 'iec62056-21', port: 0, days: 1, password: PASSWORD.text, ...given, ...(way === 'pty' && { pty }) }]; // prettier-ignore
  site = await startSite(parseSiteConfig({ meters }));
  meter = site.meters.get('iec62056-21') as IecPort;
  reader = await LineReader.open(way === 'pty' ? `serial:${pty}` : `tcp://127.0.0.1:${meter.address.port}`);
}

const say = (line: object): object => control(site, JSON.stringify(line));

function dataOf({ steps }: Took): string {
  const data = steps.find(({ kind }) => kind === 'data');
  return data?.kind === 'data' ? data.data : `nothing, but ${JSON.stringify(steps)}`;
}

/** What the house counted is what comes, up to what flows meanwhile. */
function expectValues(data: string): void {
  const value = (code: string): number => Number(decodeDataSets(data).find(({ address }) => address === code)?.values[0]?.value); // prettier-ignore
  const counted = site.house.meter.wattHours('import') / 1000 - value('1.8.0');
  expect(counted).toBeGreaterThanOrEqual(0);
  expect(counted).toBeLessThan(1);
  expect(Math.abs(value('32.7.0') - site.house.grid.voltage[0]!)).toBeLessThan(15);
}

/** Every row but the first the meter keeps is there, once. */
function expectRows(text: string, rows: number): void {
  const blocks = decodeProfile(text);
  if ('fault' in blocks) throw new Error(`${blocks.fault}: ${text.slice(0, 200)}`);
  expect(blocks.reduce((sum, { rows: { length } }) => sum + length, 0)).toBe(rows);
}

describe.each(['tcp', 'pty'] as const)('over %s', (way) => {
  it.each([
    ['A', {}],
    ['A', { readout: 'plain' }],
    ['B', {}],
    ['C', {}],
    ['D', { interval: 0.1 }],
    ['E', { family: 'landis-gyr' }],
    ['C', { faults: [{ fault: 'echo' }, { fault: 'parity' }] }],
  ])('a meter of mode %s (%j) is read out', async (mode, given) => {
    await open({ mode, ...given }, way);
    expectValues(dataOf(await reader.signOn(READOUT)));
  });

  it('registers and rows are read in programming mode, in one block and in parts', async () => {
    await open({ block: 300 }, way);
    await reader.signOn(PROGRAMMING);
    expect(dataOf(await reader.read('R1', '1.8.0()'))).toMatch(/^1\.8\.0\(\d{6}\.\d\d\*kWh\)/);
    const rows = meter.memory.rows.length - 1;
    expectRows(dataOf(await reader.read('R6', 'P.01(;)')), rows);
    expectRows(dataOf(await reader.read('R5', 'P.01(;)')), rows);
    expect(dataOf(await reader.read('R5', 'P.98(;)'))).toMatch(/^P\.98\(/);
  });
});

it.each([
  ['pty', { fault: 'drip', by: 0.001, answers: 3 }],
  ['tcp', { fault: 'delay', by: 0.3, answers: 3 }],
  ['tcp', { fault: 'noise', answers: 2 }],
  ['pty', { fault: 'check', answers: 2 }],
  ['tcp', { fault: 'nak', answers: 2 }],
  ['tcp', { fault: 'silence', answers: 1 }],
  ['pty', { fault: 'baud', answers: 1 }],
] as const)('over %s what is wrong for a while (%j) is got over', async (way, fault) => {
  await open({ block: 300 }, way);
  await reader.signOn(PROGRAMMING, SILENCE);
  const rows = meter.memory.rows.length - 1;
  expect(say(fault)).toEqual({ ok: true });
  expectRows(dataOf(await reader.read('R6', 'P.01(;)')), rows);
  expect(say({ state: true })).toMatchObject({ faults: { 'iec62056-21': [] } });
  expect(dataOf(await reader.read('R1', 'F.F()'))).toBe('F.F(00000000)\r\n');
});

it('a wrong password is given once; the third makes the meter deaf to the right one', async () => {
  await open({ family: 'landis-gyr' });
  for (const tries of [1, 2, 3]) {
    const { steps } = await reader.signOn({ ...PROGRAMMING, password: { command: 'P1', text: '87654321' } });
    expect(steps.at(-1)).toEqual({ kind: 'fault', fault: { why: 'wrong-password', answer: 'ERROR01' } });
    expect(meter.wrongPasswords).toBe(tries);
  }
  expect((await reader.signOn(PROGRAMMING)).steps.at(-1)).toMatchObject({ fault: { why: 'wrong-password' } });
});

it.each(['power', 'restart'])(
  'a meter that loses its power (%s) forgets its reader, and writes down that it did',
  async (fault) => {
    // prettier-ignore
    await open({}, 'pty');
    await reader.signOn(PROGRAMMING, SILENCE);
    say({ fault, by: 0.3 });
    const { steps } = await reader.read('R5', 'P.01(;)');
    expect(steps.at(-1)).toEqual({ kind: 'fault', fault: { why: 'silent' } });
    expect(meter.memory.events.slice(-2).map(({ what }) => what)).toEqual(['power-down', 'power-up']);
    expectValues(dataOf(await reader.signOn(READOUT)));
  },
);

it('two meters on one line answer to their addresses', async () => {
  await open({ devices: [{ address: '12' }, {}] });
  const serial = async (address: string): Promise<string> => dataOf(await reader.signOn({ ...READOUT, address }));
  expect(await serial('12')).toContain('0.0.0(53078125)');
  expect(await serial('53078126')).toContain('0.0.0(53078126)');
});
