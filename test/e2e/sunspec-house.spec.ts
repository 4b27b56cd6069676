import { openModbus } from '@smx-edge/extension-api/modbus';
import { PART_IDS, partsOf, SunSpecUnit } from '@smx-edge/extension-api/sunspec';
import { silentLog, systemClock, VirtualClock } from '@smx-edge/model';
import { parseSiteConfig, startSite, type Site } from '@smx-edge/site-simulator';

const HOUSE = { start: '2026-06-20T10:00:00Z', seed: 5, meters: [], ev: false, heatPump: false, battery: { soc: 50 } };

/** Of every device of a unit its values, by kind and path. */
async function valuesOf(source: string, units: readonly number[]): Promise<Record<string, unknown>> {
  const link = openModbus(source, { log: silentLog, clock: systemClock, timeout: 5000 });
  const values: Record<string, unknown> = {};
  try {
    for (const unit of units)
      for (const { kind, points } of partsOf((await new SunSpecUnit(link.unit(unit)).read(PART_IDS)).models))
        for (const { path, value } of points) values[`${kind}/${path}`] = value;
  } finally {
    await link.close();
  }
  return values;
}

describe('the devices of a SunSpec inverter in a house', () => {
  let site: Site;
  afterEach(() => site.stop());

  it.each([
    ['gen24', 'int', [1, 200]],
    ['gen24', 'float', [1, 200]],
    ['generic', 'int', [1]],
  ] as const)('of %s in %s have the signs of the house', async (flavour, numbers, units) => {
    const clock = new VirtualClock(Date.parse('2026-06-01T00:00:00Z'));
    const devices = [{ protocol: 'sunspec', name: 'inverter', flavour, numbers }];
    site = await startSite(parseSiteConfig({ ...HOUSE, devices }), { clock });
    clock.advance(30_000);
    const { pv, battery, meter } = site.house;
    expect(pv.power).toBeGreaterThan(500);
    expect(await valuesOf(site.devices.get('inverter')!.source, units)).toMatchObject({
      'inverter/power/active': expect.closeTo(battery!.meter.power - pv.power, 0),
      'inverter/status': 'mppt',
      'meter/power/active': expect.closeTo(meter.power, 0),
      'pv/mppt1/power': expect.closeTo(-pv.strings[0]!.power, 0),
      // the two ways of the battery are direct current, before the losses of the inverter
      'battery/power': expect.closeTo(battery!.direct, 0),
      'battery/soc': expect.closeTo(battery!.soc, 1),
    });
  });
});
