import { silentLog, VirtualClock } from '@smx-edge/model';
import { Csms } from '@smx-edge/site-simulator';
import { OcppSite } from './support/ocpp-site.js';

/** What proves a limit where the back end has a word too, or the charge point does not say what it does. */
let site: OcppSite;

afterEach(() => site.close());

const profile = (id: number, stackLevel: number, limit: number) => ({
  connectorId: 1,
  csChargingProfiles: {
    chargingProfileId: id,
    transactionId: Number(site.station.state.transaction!.id),
    stackLevel,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Relative',
    chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
  },
});
const order = (payload: object) => site.csms.call('CP1', 'SetChargingProfile', payload as never);
const inForce = (): unknown => site.shown('current/limit/in-force')?.value;
const state = async (): Promise<unknown> => (await site.status()).outlets[0]!.limit?.state;

describe('a TxProfile of the back end', () => {
  it('counts in place of a limit where the charge point takes none beside it, and no longer than its transaction', async () => {
    site = await OcppSite.open();
    await site.join({ faults: [{ kind: 'no-station-profile' }] });
    await site.charging();
    const { harness, station } = site;
    const { settings } = station;
    expect(await harness.command('ev1/current/limit', 16)).toEqual({ outcome: 'applied', value: 16 });
    await site.until('16 A', () => station.state.current[0] === 16 && inForce() === 16);
    // from now on it takes nothing that could stand beside theirs or in its place
    settings.put('ChargeProfileMaxStackLevel', '0');
    settings.put('ChargingScheduleMaxPeriods', '1');
    expect(await order(profile(7, 0, 20))).toMatchObject({ payload: { status: 'Accepted' } });
    await site.until('what counts is shown', () => inForce() === 20 && station.state.current[0] === 20);
    await site.until('it is overruled', async () => (await state()) === 'overruled', 0);
    settings.put('ChargeProfileMaxStackLevel', '8');
    settings.put('ChargingScheduleMaxPeriods', '24');
    expect(await harness.command('ev1/current/limit', 10)).toMatchObject({ outcome: 'refused', code: 'SMX_OCPP_OVERRULED' }); // prettier-ignore
    // what held before goes on
    expect(site.shown('current/limit')?.value).toBe(16);
    station.plug(false);
    await site.until('it ends', () => station.state.transaction === undefined);
    await site.until('the limit counts again', () => inForce() === 16);
    await site.until('it holds', async () => (await state()) === 'holding', 0);
  });

  it.each([1, 8])(
    'of level %d is kept within, lowered for its transaction, and there again afterwards',
    async (level) => {
      site = await OcppSite.open();
      await site.join({ faults: [{ kind: 'no-station-profile' }] });
      await site.charging();
      const { harness, station } = site;
      await harness.command('ev1/current/limit', 16);
      await order(profile(7, level, 12));
      await site.until('theirs', () => station.state.current[0] === 12 && inForce() === 12);
      expect(await harness.command('ev1/current/limit', 10)).toEqual({ outcome: 'applied', value: 10 });
      await site.until('10 A', () => station.state.current[0] === 10 && inForce() === 10);
      expect((await site.status()).outlets[0]!.limit).toMatchObject({ state: 'holding', purpose: 'TxProfile' });
      await harness.release('ev1/current/limit');
      await site.until('theirs again', () => station.state.current[0] === 12);
      expect(station.state.profiles.map(({ id }) => id)).toEqual([7]);
    },
  );
});

describe.each(['1.6', '2.0.1'] as const)('a charge point of %s that does not tell what is in force', (version) => {
  it('proves nothing while no car charges, and then by what it offers the car', async () => {
    site = await OcppSite.open();
    await site.join({ version, faults: [{ kind: 'no-composite' }] });
    const { harness, station } = site;
    expect(await harness.command('ev1/current/limit', 10)).toEqual({ outcome: 'applied', value: 10 });
    await site.until('asked', () => site.shown('current/limit/in-force') !== undefined);
    expect(site.shown('current/limit/in-force')).toMatchObject({ value: null, reason: 'the charge point does not tell what is in force' }); // prettier-ignore
    await site.charging();
    await site.until('proved', () => inForce() === 10 && station.state.current[0] === 10);
    // what was offered before a change proves nothing of it
    await harness.command('ev1/current/limit', 8);
    expect(inForce()).not.toBe(10);
    await site.until('proved again', () => inForce() === 8 && station.state.current[0] === 8);
    const asked = (await harness.call('status', { station: 'CP1' })) as { injections: { action: string }[] };
    // once it said that it knows no such CALL it is left alone
    expect(asked.injections.filter(({ action }) => action === 'GetCompositeSchedule')).toHaveLength(1);
  });
});

it('shows a limit that is not kept as uncertain, also a lower one that is set then', async () => {
  site = await OcppSite.open();
  await site.join();
  await site.charging();
  const { harness, station, clock } = site;
  station.settings.put('MeterValueSampleInterval', '0');
  await harness.command('ev1/current/limit', 10);
  await site.until('10 A', () => inForce() === 10);
  const from = clock.now();
  const measure = async (amps: number): Promise<void> => {
    const at = clock.now();
    await station.call('MeterValues', { connectorId: 1, meterValue: [{ timestamp: new Date(at).toISOString(), sampledValue: [{ measurand: 'Current.Import', unit: 'A', phase: 'L1', value: String(amps) }] }] }); // prettier-ignore
    // values wait for others a little, by another clock than this one
    await site.until('looked at', () => (site.shown('current/l1')?.t ?? 0) >= at - 1000, 0);
  };
  await site.until('a moment later', () => clock.now() - from >= 2000);
  for (const seconds of [0, 20, 40]) {
    await site.until('later', () => clock.now() - from >= seconds * 1000);
    await measure(18);
  }
  await site.until('doubted', () => site.shown('current/limit/in-force')?.quality === 'uncertain');
  expect((await site.status()).outlets[0]!.limit).toMatchObject({ isExceeded: true });
  await harness.command('ev1/current/limit', 8);
  await site.until('looked at', () => inForce() === 8);
  expect(site.shown('current/limit/in-force')?.quality).toBe('uncertain');
  await site.until('a moment later', () => clock.now() - from >= 60_000);
  await measure(8);
  await site.until('believed', () => site.shown('current/limit/in-force')?.quality === 'good');
});

it('puts a limit right that a mirror which may limit has overwritten, and never above what that allows', async () => {
  const clock = new VirtualClock();
  const energy = await Csms.open({ address: { host: '127.0.0.1', port: 0 } }, { clock, log: silentLog });
  try {
    site = await OcppSite.open({ mirrors: [{ url: energy.source, auth: 'own', calls: ['SetChargingProfile'] }] });
    await site.join();
    await site.charging();
    const { harness, station } = site;
    await harness.command('ev1/current/limit', 16);
    await site.until(
      '16 A',
      () => station.state.current[0] === 16 && inForce() === 16 && energy.stations.includes('CP1'),
    );
    const mine = station.state.profiles.find(({ stackLevel }) => stackLevel === 8)!;
    const theirs = { chargingProfileId: 5, stackLevel: 8, chargingProfilePurpose: mine.purpose, chargingProfileKind: 'Absolute', chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 12 }] } }; // prettier-ignore
    const answer = await energy.call('CP1', 'SetChargingProfile', { connectorId: 0, csChargingProfiles: theirs });
    expect(answer).toMatchObject({ payload: { status: 'Accepted' } });
    await site.until('ours again', () => station.state.profiles.some(({ id }) => id === mine.id) && inForce() === 12);
    expect(station.state.current[0]).toBe(12);
    await harness.release('ev1/current/limit');
    await site.until('theirs', () => station.state.profiles.map(({ id }) => id).join() === '5');
  } finally {
    await energy.close();
  }
});
