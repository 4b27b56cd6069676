import { VirtualClock } from '@smx-edge/model';
import type { ChargePointState } from '../charge-point/index.js';
import type { Csms } from '../csms/index.js';
import { control, parseSiteConfig, startSite, type Site } from './index.js';

const NIGHT = '2026-06-19T22:10:00Z';
const FREE_PORT = 19_000;

let site: Site;
let clock: VirtualClock;
afterEach(() => site.stop());

async function begin(devices: (port: number) => object[], speed = 1): Promise<void> {
  clock = new VirtualClock(Date.parse(NIGHT));
  const house = {
    seed: 5,
    start: NIGHT,
    speed,
    meters: [],
    pv: 0,
    battery: false,
    heatPump: false,
    ev: { capacity: 100_000 },
  };
  for (let port = FREE_PORT; ; port += 7)
    try {
      site = await startSite(parseSiteConfig({ ...house, devices: devices(port) }), { clock });
      return;
    } catch (error) {
      if (port > FREE_PORT + 700) throw error;
    }
}

const tell = (command: object): Record<string, unknown> => control(site, JSON.stringify(command)) as never;
const station = (name = 'cp'): ChargePointState => tell({ device: name, do: 'tell' })['station'] as ChargePointState;

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !holds(); i++) {
    clock.advance(1000);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect([what, holds()]).toEqual([what, true]);
}

it('a site has charge points, one of them with the car, and their back end, and does with them what it is told', async () => {
  await begin((port) => [
    { name: 'cp', protocol: 'charge-point', identity: 'SMX-1', backend: `ws://127.0.0.1:${port}/ocpp`, password: 'secret' },
    { name: 'other', protocol: 'charge-point', version: '2.0.1', car: false, phases: 1, backend: `ws://127.0.0.1:${port}/ocpp` },
    { name: 'csms', protocol: 'csms', port, stations: { 'SMX-1': 'secret', other: null }, tariff: 1 },
  ]); // prettier-ignore
  await until('both accepted', () => station().isAccepted && station('other').isAccepted);
  tell({ device: 'cp', do: 'plug' });
  await until('charging', () => station().status === 'Charging' && site.house.ev!.current > 0);
  const payload = { connectorId: 0, csChargingProfiles: { chargingProfileId: 1, stackLevel: 0, chargingProfilePurpose: 'ChargePointMaxProfile', chargingProfileKind: 'Absolute', chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 7 }] } } }; // prettier-ignore
  tell({ device: 'csms', do: 'call', station: 'SMX-1', action: 'SetChargingProfile', payload });
  await until('limited', () => site.house.ev!.current === 7);
  tell({ device: 'other', do: 'plug' });
  await until('the other charges beside it', () => station('other').power === 16 * 230);
  expect(site.house.ev!.current).toBe(7);
  await until('the house draws it', () => site.house.household.meter.watt[0]! > 16 * 230);
  tell({ fault: 'garbage', device: 'cp', telegrams: 1 });
  await until('struck', () => site.devices.get('cp')!.activeFaults.length === 0);
  tell({ device: 'csms', do: 'refuse', status: 403 });
  tell({ device: 'cp', do: 'cut' });
  await until('refused', () => station().lastEnd.status === 403);
  tell({ device: 'csms', do: 'admit' });
  await until('back', () => station().isConnected);
  tell({ device: 'cp', do: 'unplug' });
  await until('billed', () => JSON.stringify(tell({ device: 'csms', do: 'tell' })).includes('"reason":"EVDisconnected"')); // prettier-ignore
  const { frames } = tell({ device: 'csms', do: 'frames', station: 'other' }) as unknown as {
    frames: { text: string }[];
  };
  expect(frames[0]!.text).toContain('BootNotification');
  expect(tell({ device: 'cp', do: 'fly' })['error']).toMatchObject({ code: 'SMX_CONFIG_INVALID' });
  expect(tell({ device: 'nobody', do: 'plug' })['error']).toMatchObject({ code: 'SMX_CONFIG_INVALID' });
});

it.each([
  [{ protocol: 'charge-point', backend: 'http://x' }, 'devices[0].backend'],
  [{ protocol: 'charge-point', identity: 'a:b' }, 'devices[0].identity'],
  [{ protocol: 'charge-point', phases: 2 }, 'devices[0].phases'],
  [{ protocol: 'charge-point', settings: { HeartbeatInterval: 5 } }, 'devices[0].settings'],
  [{ protocol: 'csms', stations: ['A'] }, 'devices[0].stations'],
  [{ protocol: 'csms', path: 'ocpp' }, 'devices[0].path'],
])('refuses %j and says where', async (device, where) => {
  await begin(() => []);
  expect(() => parseSiteConfig({ devices: [device] })).toThrow(where);
});

it('gives the car of the house to one charge point', async () => {
  await begin(() => []);
  const two = [{ protocol: 'charge-point' }, { protocol: 'charge-point', name: 'second' }];
  expect(() => parseSiteConfig({ devices: two })).toThrow('"car": false');
});

it('a charge point keeps real time, however fast the house is: what it is told begins and ends by that', async () => {
  await begin((port) => [
    { name: 'cp', protocol: 'charge-point', backend: `ws://127.0.0.1:${port}/ocpp`, settings: { MeterValueSampleInterval: '10' } },
    { name: 'csms', protocol: 'csms', port },
  ], 20); // prettier-ignore
  const from = clock.now();
  await until('accepted', () => station().isAccepted);
  tell({ device: 'cp', do: 'plug' });
  const csms = site.devices.get('csms') as Csms;
  const told = (): number[] =>
    csms.frames().flatMap(({ direction, bytes, t }) => {
      const at = direction === 'in' ? /"timestamp":"([^"]+)"/.exec(Buffer.from(bytes).toString()) : null;
      return at === null ? [] : [Math.abs(Date.parse(at[1]!) - t)];
    });
  await until('it tells', () => told().length > 10 && clock.now() - from > 60_000);
  expect(site.house.t - Date.parse(NIGHT)).toBeGreaterThan(15 * (clock.now() - from));
  expect(Math.max(...told())).toBeLessThan(10_000);
});
