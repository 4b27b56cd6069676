import Ajv2020 from 'ajv/dist/2020';
import { VirtualClock } from '@smx-edge/model';
import { MESSAGES } from '@smx-edge/northbound/messages';
import { startMosquitto, type Mosquitto } from '../../../../libs/northbound/test-support/mosquitto.js';
import { Listener, until } from '../../test-support/listener.js';
import { control, parseSiteConfig, startSite, type Site } from '../site/index.js';

const BASE = 'smx/1/s4g-bz-008/neighbour';

let mosquitto: Mosquitto;
let listener: Listener;
let site: Site;
let clock: VirtualClock;

beforeAll(async () => {
  mosquitto = await startMosquitto();
});
afterAll(() => mosquitto.remove());

async function begin(device: object, filter: string): Promise<void> {
  const broker = `mqtt://127.0.0.1:${mosquitto.port}`;
  listener = await Listener.open(broker, filter);
  clock = new VirtualClock(Date.parse('2026-06-01T00:00:00Z'));
  const config = {
    seed: 5,
    start: '2026-06-20T10:00:00Z',
    meters: [],
    devices: [{ name: 'other', broker, ...device }],
  };
  site = await startSite(parseSiteConfig(config), { clock });
}

afterEach(async () => {
  await site.stop();
  await listener.close();
});

const tell = (command: object): object => control(site, JSON.stringify({ device: 'other', ...command }));
const pass = (seconds = 1): void => clock.advance(seconds * 1000);
const settle = (condition: () => boolean): Promise<void> => until(condition, () => pass(1)); // prettier-ignore

describe('another SMX with the house on it', () => {
  interface Batch {
    readonly e: number;
    readonly s: number;
    readonly t0: number;
    readonly t: number[];
    readonly r: number[][];
    readonly gap?: [number, number];
  }

  const json = (topic: string): Record<string, unknown> => JSON.parse(listener.last(`${BASE}/${topic}`)!) as Record<string, unknown>; // prettier-ignore
  const has = (topic: string): boolean => listener.last(`${BASE}/${topic}`) !== undefined;
  const state = (): unknown => (has('state') ? json('state')['s'] : undefined);
  const batches = (): Batch[] => listener.heard.filter(({ topic }) => topic === `${BASE}/t/inst`).map(({ text }) => JSON.parse(text) as Batch); // prettier-ignore
  const smx = (): Promise<void> => begin({ protocol: 'smx', batch: 5 }, 'smx/1/+/neighbour/#');

  it('is on line with its catalogue, shows the house, and all that it says is as smx/1 has it', async () => {
    await smx();
    // one may come again meanwhile
    const batch = (n: number): Batch | undefined => batches().find(({ s }) => s === n);
    await settle(() => has('now') && batch(0) !== undefined && batch(1) !== undefined);
    const ajv = new Ajv2020({ strict: false });
    for (const [kind, topic] of [
      ['state', 'state'],
      ['cat', 'cat'],
      ['now', 'now'],
      ['inst', 't/inst'],
    ] as const) {
      // prettier-ignore
      const fits = ajv.compile(MESSAGES[kind]!.schema);
      expect([kind, fits(json(topic)), fits.errors]).toEqual([kind, true, null]);
    }
    const { points, hash } = json('cat') as { points: { id: number; path: string }[]; hash: string };
    expect([state(), json('state')['cat'], json('state')['epoch']]).toEqual(['online', hash, 1]);
    const { v } = json('now') as { v: Record<string, number> };
    expect(Object.keys(v).sort()).toEqual(points.map(({ path }) => path).sort());
    expect(v['pcc/power/active']! - v['battery/power']! - v['pv/power']!).toBeGreaterThan(0);
    await settle(() => (json('now') as { t: number }).t === site.house.t);
    expect((json('now') as { v: Record<string, number> }).v).toMatchObject({ 'pcc/power/active': site.house.meter.power, 'pv/power': -site.house.pv.power }); // prettier-ignore
    const [first, second] = [batch(0), batch(1)];
    expect([first!.s, second!.s, first!.t.length, first!.r[0]!.length]).toEqual([0, 1, 6, points.length]);
    expect(second!.t0 - first!.t0 - first!.t.at(-1)!).toBeGreaterThanOrEqual(1000);
  });

  it('sends a batch again until it is acknowledged, and after it was away', async () => {
    await smx();
    await settle(() => batches().filter(({ s }) => s === 0).length >= 2);
    expect(new Set(batches().filter(({ s }) => s === 0).map((each) => JSON.stringify(each))).size).toBe(1); // prettier-ignore
    await listener.say(`${BASE}/ack/inst`, '[[[');
    await listener.say(`${BASE}/ack/inst`, JSON.stringify({ e: 1, s: [[0, 0]] }));
    const heard = listener.heard.length;
    await settle(() => listener.heard.length > heard + 1);
    tell({ fault: 'restart', by: 2 });
    await settle(() => state() === 'closing');
    await settle(() => state() === 'online');
    expect((json('state') as { head: { inst: number[] } }).head.inst[0]).toBeGreaterThan(0);
    const before = batches().length;
    await settle(() => batches().length > before);
    expect(
      batches()
        .slice(before)
        .every(({ s }) => s > 0),
    ).toBe(true);
  });

  it('is lost where its connection goes, and comes back', async () => {
    await smx();
    await settle(() => state() === 'online');
    tell({ fault: 'cut' });
    await settle(() => state() === 'lost');
    await settle(() => state() === 'online');
  });

  it('says that it is going', async () => {
    await smx();
    await settle(() => state() === 'online');
    await site.stop();
    await until(() => state() === 'closing');
  });

  it('is stale, broken, or by another clock on demand', async () => {
    await smx();
    await settle(() => has('now'));
    tell({ fault: 'stale' });
    await settle(() => 'q' in json('now'));
    const { v, q } = json('now') as { v: Record<string, number>; q: Record<string, string> };
    expect(new Set(Object.values(q))).toEqual(new Set(['stale']));
    const t = json('now')['t'] as number;
    await settle(() => (json('now')['t'] as number) > t + 5000);
    expect(json('now')['v']).toEqual(v);
    tell({ clear: true });
    tell({ fault: 'garbage' });
    const parses = (): boolean => listener.last(`${BASE}/now`)!.endsWith('}}');
    await settle(() => !parses());
    tell({ clear: true });
    tell({ fault: 'clock', by: -600 });
    await settle(() => parses() && site.house.t - (json('now')['t'] as number) > 590_000);
  });

  it('drops a batch and says so, leaves a number out, or has lost its store', async () => {
    await smx();
    await settle(() => batches().length > 0);
    tell({ fault: 'gap' });
    await settle(() => batches().some(({ gap }) => gap !== undefined));
    const { s } = batches().find(({ gap }) => gap !== undefined)!;
    tell({ fault: 'hole' });
    await settle(() => batches().some((each) => each.s >= s + 3));
    const numbers = new Set(batches().map((each) => each.s));
    const missing = Array.from({ length: Math.max(...numbers) }, (_, i) => i).filter((n) => !numbers.has(n));
    expect(missing).toHaveLength(1);
    tell({ fault: 'epoch' });
    await settle(() => batches().some(({ e }) => e === 2));
    await settle(() => json('state')['epoch'] === 2);
    expect(batches().find(({ e }) => e === 2)!.s).toBe(0);
  });
});

describe('an SMXCore with the house on it', () => {
  const TOPIC = 'EDYNA-0003/Data';
  const core = (fields: object = {}): Promise<void> => begin({ protocol: 'smxcore', ...fields }, TOPIC);
  const cells = (): Record<string, Record<string, string>> => JSON.parse(listener.last(TOPIC)!) as Record<string, Record<string, string>>; // prettier-ignore
  const last = (): string | undefined => listener.last(TOPIC);

  it('shows it as the captured message of one does', async () => {
    await core({ ratio: 40 });
    await settle(() => last() !== undefined);
    const shown = cells();
    expect(Object.keys(shown)).toHaveLength(22);
    const watt = Number(shown['1-1-16-7-0-255']!['-9']) * 1000;
    expect(Math.abs(Number(shown['1-1-16-7-0-255']!['-2']) * 40 - watt)).toBeLessThanOrEqual(20);
    expect(shown['1-1-32-7-0-255']!['-2']).toMatch(/^2[2-4]\d(\.\d)?$/);
    expect(shown['1-1-1-8-0-255']!['-5']).toMatch(/^06\/20\/2026 12:00:\d\d$/);
    expect(Number(shown['1-1-31-7-0-255']!['-9'])).toBeCloseTo(Number(shown['1-1-31-7-0-255']!['-2']) * 40, 6);
    for (const cell of Object.values(shown)) for (const text of Object.values(cell)) expect(typeof text).toBe('string'); // prettier-ignore
  });

  it('goes on with what is old, says nothing, one value or no JSON on demand', async () => {
    await core();
    await settle(() => last() !== undefined);
    tell({ fault: 'stuck' });
    const heard = listener.heard.length;
    await settle(() => listener.heard.length > heard + 4);
    expect(new Set(listener.heard.slice(heard + 1).map(({ text }) => text)).size).toBe(1);
    tell({ clear: true });
    tell({ fault: 'empty' });
    await settle(() => last() === '');
    tell({ clear: true });
    tell({ fault: 'bare' });
    await settle(() => /^-?\d+$/.test(last()!));
    tell({ clear: true });
    tell({ fault: 'garbage' });
    await settle(() => last()!.startsWith('{') && !last()!.endsWith('}}'));
    tell({ clear: true });
    tell({ fault: 'clock', by: -7200 });
    await settle(() => last()!.endsWith('}}') && cells()['1-1-1-8-0-255']!['-5']!.startsWith('06/20/2026 10:'));
  });
});
