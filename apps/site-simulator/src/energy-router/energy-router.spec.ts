import { VirtualClock } from '@smx-edge/model';
import { startMosquitto, type Mosquitto } from '../../../../libs/northbound/test-support/mosquitto.js';
import { Listener, until } from '../../test-support/listener.js';
import { control, parseSiteConfig, startSite, type Site } from '../site/index.js';
import { MEASURES, type RouterPhases } from './topics.js';

const INVERTER = 'EnergyRouterInverter';
const PBAT = `${INVERTER}/ZBTC1.BatChaPwr.setMag.f`;
const PPV = 'EnergyRouterPV/MMDC1.Watt.subMag.f';
const MODE = `${INVERTER}/DRCC1.DERStr.ctlNum`;

interface Record {
  readonly v: unknown;
  readonly u?: string;
  readonly t: number;
  readonly n: string;
}

let mosquitto: Mosquitto;
let listener: Listener;
let site: Site;
let clock: VirtualClock;

beforeAll(async () => {
  mosquitto = await startMosquitto();
});
afterAll(() => mosquitto.remove());

async function begin(phases: RouterPhases, house: object = {}): Promise<void> {
  const broker = `mqtt://127.0.0.1:${mosquitto.port}`;
  listener = await Listener.open(broker, '/ER/#');
  clock = new VirtualClock(Date.parse('2026-06-01T00:00:00Z'));
  const devices = [{ protocol: 'energy-router', name: 'er', phases, broker }];
  const config = { seed: 5, start: '2026-06-20T10:00:00Z', meters: [], ev: false, heatPump: false, battery: { soc: 50 }, ...house }; // prettier-ignore
  site = await startSite(parseSiteConfig({ ...config, devices }), { clock });
  await until(() => listener.heard.length > 0, () => clock.advance(1000)); // prettier-ignore
}

afterEach(async () => {
  await site.stop();
  await listener.close();
});

const tell = (command: object): object => control(site, JSON.stringify({ device: 'er', ...command }));
const parsed = (topic: string): Record | undefined => {
  const text = listener.last(topic);
  return text === undefined ? undefined : (JSON.parse(text) as Record[])[0];
};
const shown = (path: string): unknown => parsed(`/ER/SMX/${path}`)?.v;
const command = async (path: string, v: unknown, writer = 'PROFESS'): Promise<void> => {
  const heard = listener.heard.length;
  await listener.say(`/${writer}/SMX/${path}`, JSON.stringify([{ v, u: 'W', t: Date.now(), n: 'x' }]));
  // whatever it does about it, it has heard it once it tells the next
  await until(() => listener.heard.length > heard, () => clock.advance(1000)); // prettier-ignore
};
const pass = (seconds: number): void => clock.advance(seconds * 1000);
const settle = async (condition: () => boolean): Promise<void> => until(condition, () => pass(1)); // prettier-ignore

describe('Energy Router of the house', () => {
  it.each(['one', 'three'] as const)('of %s phases tells all that its table has, in SenML with ms', async (phases) => {
    await begin(phases);
    await until(() => MEASURES[phases].every(({ path }) => shown(path) !== undefined), () => pass(1)); // prettier-ignore
    for (const { name, unit, path } of MEASURES[phases]) expect(parsed(`/ER/SMX/${path}`)).toEqual({ n: name, v: expect.any(Number), t: expect.any(Number), u: unit }); // prettier-ignore
    const soc = parsed(`/ER/SMX/${INVERTER}/ZBAT1.VolChgRte.instMag.f`)!;
    expect(Math.abs((soc.v as number) - site.house.battery!.soc)).toBeLessThan(1);
    expect(Math.abs(soc.t - site.house.t)).toBeLessThan(60_000);
    expect(shown(MODE)).toBe(phases === 'one' ? 3 : 4);
  });

  it.each(['PROFESS', 'LESSAg', 'DSF'])('does what %s says, acknowledges it, and measures it', async (writer) => {
    await begin('one');
    await command(PBAT, 1200, writer);
    await settle(() => shown(PBAT) === 1200 && site.house.battery!.meter.power === -1200);
    await command(PBAT, '-900', writer);
    await settle(() => shown(PBAT) === -900 && site.house.battery!.meter.power === 900);
    await settle(() => Math.abs((shown(`${INVERTER}/ZBAT1.Vol.instMag.f`) as number) + 900 * 0.955) < 1);
  });

  it('keeps to its limits and to the window of its battery, and says nothing of it', async () => {
    await begin('one', { battery: { soc: 79.9, capacity: 2000 }, pv: 3000 });
    await command(PBAT, 9000);
    await settle(() => shown(PBAT) !== 0);
    expect(shown(PBAT)).toBeLessThan(5000);
    await command(PPV, 5);
    await command(MODE, 2);
    await settle(() => shown(PPV) === 50 && site.house.pv.power === 50);
    await command(PBAT, -1000);
    await settle(() => site.house.battery!.soc >= 80 && site.house.battery!.meter.power === 8);
    expect(shown(PBAT)).toBe(-1000);
  });

  it('is off, on standby, without PV, or balances the load, as its mode says', async () => {
    await begin('three');
    const { pv, battery } = site.house;
    for (const mode of [0, 1]) {
      await command(MODE, mode);
      await settle(() => shown(MODE) === mode && pv.power === 0 && battery!.meter.power === 8);
    }
    await command(MODE, 3);
    await command(PBAT, 700);
    await settle(() => pv.power === 0 && battery!.meter.power === -700);
    await command(MODE, 4);
    await settle(() => pv.power > 500 && battery!.meter.power > 0);
    await command(MODE, 17);
    await settle(() => shown(MODE) === 4);
    await command(`${INVERTER}/MMXU1.TotVAr.subMag.f`, 600);
    await settle(() => battery!.meter.reactive[1] === 200);
  });

  it('acknowledges the power of the grid and does nothing with it, as its firmware does', async () => {
    await begin('one');
    const path = `${INVERTER}/MMXN1.Watt.subMag.f`;
    await command(path, 2000);
    await settle(() => shown(path) === 2000);
    pass(8);
    expect(site.house.battery!.meter.power).toBe(8);
  });

  it('ignores, does not hear, or shows what it was told where it does less, on demand', async () => {
    await begin('one');
    tell({ fault: 'ignore' });
    await command(PBAT, 1500);
    await settle(() => shown(PBAT) === 1500);
    pass(8);
    expect(site.house.battery!.meter.power).toBe(8);
    tell({ clear: true });
    tell({ fault: 'echo' });
    await command(PBAT, 20_000);
    await settle(() => shown(PBAT) === 20_000 && site.house.battery!.meter.power < -1000);
    tell({ clear: true });
    tell({ fault: 'deaf' });
    await command(PBAT, 0);
    pass(5);
    expect([shown(PBAT), site.house.battery!.meter.power < -1000]).toEqual([20_000, true]);
    tell({ fault: 'restart', by: 3 });
    pass(8);
    await settle(() => shown(PBAT) === 0 && site.house.battery!.meter.power === 8);
  });

  it('tells broken things on demand, and takes none', async () => {
    await begin('one');
    const soc = `/ER/SMX/${INVERTER}/ZBAT1.VolChgRte.instMag.f`;
    for (const [fault, looks] of [
      ['garbage', /^\[\{"v":12\.5,"u":"W","t":15429$/],
      ['text', /"v":"\d/],
      ['object', /^\{/],
    ] as const) {
      // prettier-ignore
      tell({ fault });
      await settle(() => looks.test(listener.last(soc)!));
      tell({ clear: true });
    }
    tell({ fault: 'clock', by: -3600 });
    await settle(() => listener.last(soc)!.startsWith('[') && site.house.t - parsed(soc)!.t > 3_500_000);
    for (const payload of ['', 'off', '[]', '[{"v":null}]', '{"v":"much"}', '[[[[', '{"v":1e999}'])
      await listener.say(`/LESSAg/SMX/${PBAT}`, payload);
    await command(MODE, 4);
    await settle(() => shown(MODE) === 4);
    expect(shown(PBAT)).toBe(0);
  });

  it('comes back to its broker', async () => {
    await begin('one');
    tell({ fault: 'cut' });
    await until(() => (site.devices.get('er')!.activeFaults.length === 0), () => pass(1)); // prettier-ignore
    const heard = listener.heard.length;
    await until(() => listener.heard.length > heard + 20, () => pass(1)); // prettier-ignore
    await command(PBAT, 800);
    await settle(() => shown(PBAT) === 800);
  });
});
