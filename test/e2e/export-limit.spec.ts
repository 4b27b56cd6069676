import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { control, parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';
import sunspec from '@smx-edge/sunspec';
import { Box, until } from './smxcore-support.js';

/** What a house exports is limited by the meter at its connection, over real sockets; the house lives at the pace of the wall clock. */
const HOUSE = { start: '2026-06-20T10:00:00Z', seed: 5, ev: false, heatPump: false, battery: false, pv: 9000 };
const EXPORT = 'inverter/export/limit';
const LIMIT = 500;
/** Of the inverter's most, which is stated as the tolerance. */
const BAND = 0.01;

let site: Site;
/** W that something else takes in the house. */
let taken = 0;

async function open(meters: readonly object[] = []): Promise<void> {
  const devices = [{ protocol: 'sunspec', name: 'inverter' }];
  site = await startSite(parseSiteConfig({ ...HOUSE, meters, devices }));
  taken = 0;
  site.house.add({ name: 'oven', add: (_moment, { watt }) => void (watt[0]! += taken) });
  await until(() => exported() > 3 * LIMIT);
}

afterEach(() => site.stop());

const source = (): string => site.devices.get('inverter')!.source;
const exported = (): number => -site.house.meter.power;
const given = (): number => site.house.pv.power;

/** The most that is exported in so many seconds of the house. */
async function most(seconds: number): Promise<number> {
  let worst = -Infinity;
  const end = site.house.t + seconds * 1000;
  await until(() => {
    worst = Math.max(worst, exported());
    return site.house.t >= end;
  });
  return worst;
}

describe('by the meter behind the same source', () => {
  let harness: Harness;
  afterEach(async () => {
    await harness.stop();
    expect(harness.seen.exceptions).toEqual([]);
  });

  it('what is exported stays below it while the load of the house comes and goes, and is free again after it', async () => {
    await open();
    harness = runExtension(sunspec, {
      config: { names: {}, poll: '200ms', timeout: '1s', source: source(), units: [1, 200] },
    });
    await harness.until(() => harness.seen.refOf(EXPORT) !== undefined);
    const { max } = harness.seen.definitions.get(EXPORT)!.setpoint!;
    const limit = LIMIT + BAND * max!;
    expect(await harness.command(EXPORT, LIMIT)).toEqual({ outcome: 'applied', value: LIMIT });
    await most(5);
    expect(await most(5)).toBeLessThanOrEqual(limit);
    const before = given();
    // the house takes more: the inverter may give it, without passing the limit on the way
    taken = 2500;
    expect(await most(20)).toBeLessThanOrEqual(limit);
    expect(given()).toBeGreaterThan(before + 2000);
    taken = 0;
    await most(8);
    expect(await most(8)).toBeLessThanOrEqual(limit);
    expect(given()).toBeLessThan(before + 100);
    expect(harness.seen.values.get(`${EXPORT}/held`)).toMatchObject({ value: LIMIT, quality: 'good' });
    expect(await harness.release(EXPORT)).toEqual({ outcome: 'applied', value: null });
    await until(() => exported() > 3 * LIMIT);
  });
});

it('in a box the meter may be read by another instance, and without it the inverter gives no more than the limit itself', async () => {
  await open([{ name: 'p1', port: 0 }]);
  const { address } = site.meters.get('p1')!;
  const sections = {
    meter: { use: 'p1-reader', config: { device: 'pcc', source: `tcp://${address.host}:${address.port}` } },
    roof: { use: 'sunspec', control: 'on', config: { source: source(), units: [1], meter: 'pcc/power/active' } },
  };
  const box = new Box(`extensions: ${JSON.stringify(sections)}\n`);
  try {
    await box.core();
    const read = async (path: string): Promise<unknown> => {
      const { out } = await box.smx(['read', path, '--json']);
      return out === '' ? undefined : (JSON.parse(out) as { value: unknown }[])[0]?.value;
    };
    await until(async () => typeof (await read('pcc/power/active')) === 'number' && (await read(EXPORT)) === null);
    taken = 1500;
    const { out } = await box.smx(['write', EXPORT, String(LIMIT), '--for', '10m', '--json']);
    expect(JSON.parse(out)).toMatchObject({ outcome: 'verified', value: LIMIT });
    // the load is seen: more than the limit is given
    await until(() => given() > LIMIT + 1000 && exported() <= LIMIT);
    control(site, JSON.stringify({ meter: 'p1', fault: 'silence' }));
    await until(() => given() <= LIMIT);
    expect((await box.smx(['read', `${EXPORT}/held`, '--json'])).out).toContain(String(LIMIT));
  } finally {
    await box.remove();
  }
}, 120_000);
