import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { openModbus } from '@smx-edge/extension-api/modbus';
import { SunSpecUnit } from '@smx-edge/extension-api/sunspec';
import { silentLog, systemClock, VirtualClock } from '@smx-edge/model';
import { control, parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';
import sunspec from '@smx-edge/sunspec';

/** Set-points of SunSpec devices on the inverter of a house, over real sockets: what is written acts on the house. */
const HOUSE = { start: '2026-06-20T10:00:00Z', seed: 5, meters: [], ev: false, heatPump: false, battery: { soc: 50 } };
const DEFAULTS = { names: {}, poll: '200ms', timeout: '1s', revert: '60s' };
const SETPOINT = 'battery/power/setpoint';
const CHARGE = 'battery/power/charge-limit';
const LIMIT = 'inverter/power/limit';
const AUTOMATIC = { StorCtl_Mod: 0, OutWRte: 100, InWRte: 100 };

let site: Site;
let clock: VirtualClock;
let harness: Harness;
let link: ReturnType<typeof openModbus>;

async function begin(device: object = {}, more: { house?: object; isVirtual?: boolean } = {}): Promise<void> {
  clock = new VirtualClock(Date.parse('2026-06-01T00:00:00Z'));
  const devices = [{ protocol: 'sunspec', name: 'inverter', ...device }];
  site = await startSite(parseSiteConfig({ ...HOUSE, ...more.house, devices }), { clock });
  clock.advance(30_000);
  const { source } = site.devices.get('inverter')!;
  link = openModbus(source, { log: silentLog, clock: systemClock, timeout: 5000 });
  harness = runExtension(sunspec, {
    config: { ...DEFAULTS, source, units: [1] },
    ...(more.isVirtual === true ? { clock } : {}),
  });
  await harness.until(() => {
    if (more.isVirtual === true) clock.advance(100);
    return harness.seen.refOf(SETPOINT) !== undefined || harness.seen.refOf(LIMIT) !== undefined;
  });
}

afterEach(async () => {
  await harness.stop();
  expect(harness.seen.exceptions).toEqual([]);
  await link.close();
  await site.stop();
});

const tell = (command: object): object => control(site, JSON.stringify({ device: 'inverter', ...command }));
const pass = (seconds: number): void => clock.advance(seconds * 1000);
const held = (path: string): unknown => harness.seen.values.get(`${path}/held`)?.value;

/** Fields of a model as the device has them, asked on a connection of its own. */
async function fields(id: number, names: readonly string[]): Promise<Record<string, unknown>> {
  const { models } = await new SunSpecUnit(link.unit(1)).read([id]);
  return Object.fromEntries(names.map((name) => [name, models[0]!.fields[name]!.value]));
}
const window = (): Promise<unknown> => fields(124, ['StorCtl_Mod', 'OutWRte', 'InWRte']);

describe('set-points of a SunSpec inverter', () => {
  it.each([
    ['gen24', 'int'],
    ['gen24', 'float'],
    ['verto', 'int'],
    ['datamanager', 'int'],
    ['generic', 'int'],
  ])('of %s in %s lead its battery, and let it go', async (flavour, numbers) => {
    await begin({ flavour, numbers });
    expect(await fields(123, ['WMaxLim_Ena'])).toEqual({ WMaxLim_Ena: 0 });
    for (const watts of [-2000, 1500, 0]) {
      expect(await harness.command(SETPOINT, watts)).toEqual({ outcome: 'applied', value: watts });
      expect(await window()).toEqual({ StorCtl_Mod: 3, OutWRte: -watts / 50 + 0, InWRte: watts / 50 });
      await harness.until(() => held(SETPOINT) === watts);
      pass(8);
      expect(site.house.battery!.meter.power).toBeCloseTo(watts === 0 ? 8 : watts, 0);
    }
    expect(await harness.release(SETPOINT)).toEqual({ outcome: 'applied', value: null });
    expect(await window()).toEqual(AUTOMATIC);
    await harness.until(() => held(SETPOINT) === null);
    pass(10);
    expect(site.house.battery!.meter.power).not.toBe(8);
  });

  it('limit what it gives, beside a reserve and limits of the battery, until the stop', async () => {
    await begin({ rating: 4000 });
    for (const [path, value] of [
      [LIMIT, 800],
      ['battery/reserve', 30],
      [CHARGE, 1000],
    ] as const)
      // prettier-ignore
      expect(await harness.command(path, value)).toEqual({ outcome: 'applied', value });
    pass(10);
    expect(site.house.pv.power - site.house.battery!.meter.power).toBeLessThanOrEqual(801);
    expect(site.house.battery!.meter.power).toBeLessThanOrEqual(1001);
    expect(await fields(124, ['MinRsvPct', 'InOutWRte_RvrtTms'])).toEqual({ MinRsvPct: 30, InOutWRte_RvrtTms: 60 });
    await harness.stop();
    expect([await window(), await fields(123, ['WMaxLimPct', 'WMaxLim_Ena'])]).toEqual([AUTOMATIC, { WMaxLimPct: 100, WMaxLim_Ena: 0 }]); // prettier-ignore
    expect(await fields(124, ['MinRsvPct', 'InOutWRte_RvrtTms'])).toEqual({ MinRsvPct: expect.any(Number), InOutWRte_RvrtTms: 0 }); // prettier-ignore
    expect([...harness.seen.state.keys()].filter((key) => key.startsWith('control'))).toEqual([]);
  });

  it.each([
    [{ fault: 'locked' }, { outcome: 'refused', code: 'MODBUS_4', text: expect.stringContaining('inverter control via Modbus') }, AUTOMATIC], // prettier-ignore
    [{ fault: 'ignore' }, { outcome: 'ignored' }, AUTOMATIC],
    [{ fault: 'clamp' }, { outcome: 'clamped', value: 2500 }, { StorCtl_Mod: 3, OutWRte: -50, InWRte: 50 }],
    [{ fault: 'scale' }, { outcome: 'applied', value: 4000 }, { StorCtl_Mod: 3, OutWRte: -80, InWRte: 80 }],
    [{ fault: 'tracker' }, { outcome: 'applied', value: 4000 }, { StorCtl_Mod: 3, OutWRte: -80, InWRte: 80 }],
    [{ fault: 'model-type' }, { outcome: 'applied', value: 4000 }, { StorCtl_Mod: 3, OutWRte: -80, InWRte: 80 }],
    [{ fault: 'null-frame' }, { outcome: 'applied', value: 4000 }, { StorCtl_Mod: 3, OutWRte: -80, InWRte: 80 }],
  ])('with the fault %j are told as what they are, and back once it is over', async (fault, answer, expected) => {
    await begin();
    tell(fault);
    expect(await harness.command(SETPOINT, 4000)).toEqual(answer);
    expect(await window()).toEqual(expected);
    tell({ clear: true });
    expect(await harness.release(SETPOINT)).toEqual({ outcome: 'applied', value: null });
    expect(await window()).toEqual(AUTOMATIC);
  });

  it.each(['silence', 'cut', 'garbage', 'transaction', 'unit'])(
    'with the fault %s in the midst of the answers come to the device or are refused, and are back',
    async (fault) => {
      await begin();
      for (const answers of [1, 2, 3]) {
        tell({ fault, answers });
        const { outcome } = await harness.command(SETPOINT, 1000 * answers);
        tell({ clear: true });
        if (outcome === 'applied') expect(await window()).toMatchObject({ StorCtl_Mod: 3, InWRte: 20 * answers });
        else expect(outcome).toBe('refused');
        // as the core does, until it is taken
        for (let given = await harness.release(SETPOINT); given.outcome !== 'applied';) given = await harness.release(SETPOINT); // prettier-ignore
        expect(await window()).toEqual(AUTOMATIC);
      }
    },
  );

  it('end by the timer of the device where nobody refreshes them, and not before', async () => {
    await begin({ revert: 'write' }, { isVirtual: true });
    expect(await harness.command(SETPOINT, 2000)).toMatchObject({ outcome: 'applied' });
    for (let i = 0; i < 5; i++) {
      pass(31);
      // comes after the refresh in its turn
      await harness.release('battery/reserve');
      await harness.release('battery/reserve');
      expect(await window()).toMatchObject({ StorCtl_Mod: 3 });
    }
    // another system's values are not kept alive
    tell({ fault: 'locked' });
    pass(31);
    await harness.release('battery/reserve');
    pass(31);
    expect(await window()).toEqual(AUTOMATIC);
    tell({ clear: true });
  });

  it('are none where the inverter has no battery, and its limit where it has', async () => {
    await begin({}, { house: { battery: false } });
    expect(harness.seen.refOf(SETPOINT)).toBeUndefined();
    expect(await harness.command(LIMIT, 1000)).toEqual({ outcome: 'applied', value: expect.closeTo(1000, 0) });
  });

  it('are none where the device does not let model 123 be read to its end', async () => {
    await begin({ flavour: 'generic', hole: 123 });
    expect(harness.seen.refOf(LIMIT)).toBeUndefined();
    expect(await harness.command(SETPOINT, 1000)).toEqual({ outcome: 'applied', value: 1000 });
  });
});
