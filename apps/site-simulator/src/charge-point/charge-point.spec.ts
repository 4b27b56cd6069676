import { silentLog, VirtualClock } from '@smx-edge/model';
import { decodeFrame, Observer, type Frame, type Observation } from '@smx-edge/protocols/ocpp-j';
import { Csms } from '../csms/index.js';
import { House } from '../house/index.js';
import { ChargePoint, type ChargePointOptions, type StationVersion } from './index.js';

// the night, in which the car is at home and not yet full
const NIGHT = Date.parse('2026-06-19T22:10:00Z');

let clock: VirtualClock;
let house: House;
let csms: Csms;
let station: ChargePoint;

async function begin(options: Partial<ChargePointOptions> = {}, back: object = {}): Promise<void> {
  clock = new VirtualClock(NIGHT);
  house = new House({
    seed: 5,
    start: NIGHT,
    pv: 0,
    battery: false,
    heatPump: false,
    ev: { current: 32, capacity: 100_000 },
  });
  house.ev!.plug(false);
  pass(1);
  csms = await Csms.open({ address: { host: '127.0.0.1', port: 0 }, ...back }, { clock, log: silentLog });
  station = await ChargePoint.open({ id: 'CP 1', url: csms.source, current: 32, ...options }, { clock, log: silentLog, house }); // prettier-ignore
}

afterEach(async () => {
  await station.close();
  await csms.close();
});

/** Seconds of house and clock. */
function pass(seconds: number): void {
  for (let i = 0; i < seconds; i++) {
    clock.advance(1000);
    house.step(clock.now());
    (station as ChargePoint | undefined)?.tick();
  }
}

/** Waits for sockets, and lets seconds pass meanwhile. */
async function until(what: string, holds: () => boolean, seconds = 1): Promise<void> {
  for (let i = 0; i < 1000 && !holds(); i++) {
    pass(seconds);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect([what, holds()]).toEqual([what, true]);
}

const status = (): string => station.state.status;
const heard = (action: string): Frame[] =>
  csms.frames().flatMap(({ direction, bytes }) => {
    const frame = direction === 'in' ? decodeFrame(bytes) : undefined;
    return frame?.action === action ? [frame] : [];
  });

async function charging(): Promise<void> {
  await until('accepted', () => station.state.isAccepted);
  station.plug(true);
  await until('charging', () => status() === 'Charging' && csms.sessions.length === 1);
}

const limit = (purpose: string, value: number, more: object = {}): object => ({
  connectorId: purpose === 'ChargePointMaxProfile' ? 0 : 1,
  csChargingProfiles: {
    ...{ chargingProfileId: 9, stackLevel: 1, chargingProfilePurpose: purpose, chargingProfileKind: 'Absolute' },
    chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: value }], ...more },
  },
});

/** Asks the station; its answer comes while time stands still. */
const ask = (action: string, payload: object) => csms.call('CP 1', action, payload as Record<string, unknown>);

describe.each<StationVersion>(['1.6', '2.0.1'])('a charge point of %s', (version) => {
  it('charges the car of the house, and is billed for what its register counted', async () => {
    // time stands still while bytes are on their way
    await begin({ version, settings: { MeterValueSampleInterval: '10' }, timeout: 1e6 }, { tariff: 0.5 });
    const register = station.state.energy;
    await charging();
    expect(csms.sessions[0]).toMatchObject({ station: 'CP 1', tag: 'OWNER', meterStart: Math.floor(register) });
    await until('full power', () => house.ev!.current === 32);
    expect(station.state).toMatchObject({ power: house.ev!.meter.power, current: [32, 32, 32] });
    pass(100);
    await until('values', () => csms.sessions[0]!.values >= 5, 0);
    station.plug(false);
    await until('its end', () => csms.sessions[0]!.endedAt !== undefined);
    const [{ meterStart, meterStop, energy, cost }] = csms.sessions as [Required<(typeof csms.sessions)[number]>];
    expect(meterStop).toBe(Math.floor(station.state.energy));
    expect([energy, cost]).toEqual([meterStop - meterStart, ((meterStop - meterStart) / 1000) * 0.5]);
    expect(energy).toBeGreaterThan(500);
    expect([csms.repeats, csms.bill.orphans]).toEqual([{ start: 0, stop: 0, values: 0 }, 0]);
    await until('free', () => status() === 'Available');
    expect(house.ev!.meter.power).toBe(0);
  });

  it('says in frames what an observer understands', async () => {
    await begin({ version, settings: { MeterValueSampleInterval: '5' } });
    await charging();
    pass(20);
    station.plug(false);
    await until('its end', () => csms.sessions[0]!.endedAt !== undefined);
    const observer = new Observer(version);
    const seen: Observation[] = csms.frames().flatMap(({ direction, bytes }) => direction === 'in' ? observer.fromChargePoint(bytes) : observer.fromBackEnd(bytes)); // prettier-ignore
    const kinds = new Set(seen.map(({ kind }) => kind));
    for (const kind of ['station', 'status', 'values', 'session-started', 'session-ended'] as const) expect([...kinds]).toContain(kind); // prettier-ignore
  });

  it('stops where its token is none, before or after it began', async () => {
    await begin({ version, tag: 'STRANGER' }, { tags: ['OWNER'] });
    await until('accepted', () => station.state.isAccepted);
    station.plug(true);
    await until('refused', () => heard('Authorize').length === 1);
    pass(60);
    expect([status(), csms.sessions.length, house.ev!.meter.power]).toEqual(['Preparing', 0, 0]);
    await station.swipe('OWNER');
    await until('charging', () => status() === 'Charging');
    await station.swipe('OWNER');
    await until('its end', () => csms.sessions[0]?.endedAt !== undefined);
    expect([csms.sessions[0]!.reason, status()]).toEqual(['Local', 'Finishing']);
  });

  it('boots again where that is not answered', async () => {
    await begin({ version, timeout: 5000 }, { faults: [{ kind: 'silence', answers: 1 }] });
    await until('asked', () => heard('BootNotification').length === 1);
    const at = clock.now();
    await until('asked again and accepted', () => station.state.isAccepted);
    expect(clock.now() - at).toBeLessThan(25_000);
  });

  it('presents a token that nobody could judge again as soon as somebody can', async () => {
    await begin({ version });
    await csms.goAway();
    station.plug(true);
    pass(3);
    expect(status()).toBe('Preparing');
    await csms.comeBack();
    station.dial();
    await until('accepted', () => station.state.isAccepted);
    const at = clock.now();
    await until('charging', () => status() === 'Charging');
    expect(clock.now() - at).toBeLessThan(20_000);
  });

  it('goes on alone, and tells it in order and once when its back end is there again', async () => {
    await begin({ version, settings: { MeterValueSampleInterval: '10' }, retry: { least: 1000, most: 4000 } });
    await charging();
    await csms.goAway();
    await until('alone', () => !station.state.isConnected);
    const at = clock.now();
    pass(60);
    station.plug(false);
    pass(5);
    station.plug(true);
    await until('charging again', () => status() === 'Charging');
    pass(30);
    expect(station.state.waiting).toBeGreaterThan(6);
    csms.forgetFrames();
    await csms.comeBack();
    await until('told', () => station.state.isConnected && station.state.waiting === 0);
    expect(csms.sessions).toHaveLength(2);
    const [first, second] = csms.sessions as [(typeof csms.sessions)[number], (typeof csms.sessions)[number]];
    expect(Date.parse(first.endedAt!)).toBeGreaterThan(at);
    expect(Date.parse(second.startedAt)).toBeGreaterThan(Date.parse(first.endedAt!));
    expect(Date.parse(second.startedAt)).toBeLessThan(clock.now() - 20_000);
    expect(csms.bill.orphans).toBe(0);
    // nothing of it has changed: no second BootNotification
    expect(heard('BootNotification')).toEqual([]);
  });
});

describe('limits of a charge point', () => {
  it('are what the car takes: the least of the purposes, for as long as they last', async () => {
    await begin();
    await charging();
    expect(await ask('SetChargingProfile', limit('ChargePointMaxProfile', 10))).toMatchObject({ payload: { status: 'Accepted' } }); // prettier-ignore
    await until('10 A', () => house.ev!.current === 10);
    expect(house.ev!.meter.power).toBeLessThan(3 * 245 * 10);
    const short = { ...limit('TxDefaultProfile', 7, { duration: 60, startSchedule: new Date(clock.now()).toISOString() }) }; // prettier-ignore
    Object.assign((short as { csChargingProfiles: object }).csChargingProfiles, { chargingProfileId: 10 });
    await ask('SetChargingProfile', short);
    await until('7 A', () => house.ev!.current === 7);
    const told = await ask('GetCompositeSchedule', { connectorId: 1, duration: 300 });
    expect(told.payload).toMatchObject({ status: 'Accepted', chargingSchedule: { chargingSchedulePeriod: [{ startPeriod: 0, limit: 7 }, { limit: 10 }] } }); // prettier-ignore
    pass(70);
    expect(house.ev!.current).toBe(10);
    await ask('SetChargingProfile', limit('ChargePointMaxProfile', 5));
    await until('none', () => status() === 'SuspendedEVSE');
    expect([house.ev!.current, house.ev!.meter.power]).toEqual([0, 0]);
    await ask('ClearChargingProfile', {});
    await until('all', () => house.ev!.current === 32);
  });

  it('hold for one phase on a station of one phase, and where a profile says so', async () => {
    await begin({ phases: 1 });
    await charging();
    await until('32 A', () => house.ev!.current === 32);
    expect(station.state.current).toEqual([32, 0, 0]);
    expect([...house.ev!.meter.watt].map((watt) => watt > 0)).toEqual([true, false, false]);
    await station.close();
    await csms.close();
    await begin();
    await charging();
    await until('32 A', () => house.ev!.current === 32);
    await ask('SetChargingProfile', limit('TxDefaultProfile', 16, { chargingSchedulePeriod: [{ startPeriod: 0, limit: 16, numberPhases: 1 }] })); // prettier-ignore
    await until('one phase', () => house.ev!.meter.watt[1] === 0 && house.ev!.current === 16);
    expect(house.ev!.meter.watt[0]).toBeGreaterThan(3000);
  });

  it('go by the rungs a station has', async () => {
    await begin();
    await charging();
    const set = async (purpose: string, stackLevel: number): Promise<unknown> => {
      const profile = limit(purpose, 10) as { csChargingProfiles: { stackLevel: number } };
      profile.csChargingProfiles.stackLevel = stackLevel;
      return (await ask('SetChargingProfile', profile)).payload['status'];
    };
    station.setFault({ kind: 'max-level' });
    expect([await set('TxDefaultProfile', 8), await set('TxDefaultProfile', 7)]).toEqual(['Rejected', 'Accepted']);
    station.setFault({ kind: 'no-station-profile' });
    expect([await set('ChargePointMaxProfile', 1), await set('TxProfile', 1)]).toEqual(['Rejected', 'Accepted']);
    station.setFault({ kind: 'no-profiles' });
    expect(await set('TxDefaultProfile', 2)).toBe('Rejected');
    const keys = await ask('GetConfiguration', { key: ['ChargeProfileMaxStackLevel', 'AuthorizationKey', 'Nothing'] });
    expect(keys.payload).toEqual({ configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: '8' }, { key: 'AuthorizationKey', readonly: false }], unknownKey: ['Nothing'] }); // prettier-ignore
  });
});

describe('what a back end asks of a charge point', () => {
  it('starts and stops from afar, resets, and takes out of service', async () => {
    await begin({ tag: null });
    await until('accepted', () => station.state.isAccepted);
    station.plug(true);
    pass(5);
    expect(status()).toBe('Preparing');
    expect((await ask('RemoteStartTransaction', { idTag: 'FAR', connectorId: 1 })).payload).toEqual({ status: 'Accepted' }); // prettier-ignore
    await until('charging', () => csms.sessions.length === 1 && status() === 'Charging');
    expect((await ask('RemoteStopTransaction', { transactionId: 1 })).payload).toEqual({ status: 'Rejected' });
    expect((await ask('ChangeAvailability', { connectorId: 0, type: 'Inoperative' })).payload).toEqual({ status: 'Scheduled' }); // prettier-ignore
    await until('its id', () => station.state.transaction?.id === '1000');
    expect((await ask('RemoteStopTransaction', { transactionId: 1000 })).payload).toEqual({ status: 'Accepted' });
    await until('billed', () => csms.sessions[0]!.reason === 'Remote');
    expect(status()).toBe('Unavailable');
    await ask('ChangeAvailability', { connectorId: 0, type: 'Operative' });
    expect((await ask('ChangeConfiguration', { key: 'MeterValueSampleInterval', value: 'often' })).payload).toEqual({ status: 'Rejected' }); // prettier-ignore
    expect((await ask('TriggerMessage', { requestedMessage: 'MeterValues' })).payload).toEqual({ status: 'Accepted' });
    await until('triggered', () => heard('MeterValues').some(({ payload }) => payload['transactionId'] === undefined));
    expect(await ask('Nonsense', {})).toMatchObject({ kind: 'error', code: 'NotImplemented' });
    const boots = heard('BootNotification').length;
    expect((await ask('Reset', { type: 'Soft' })).payload).toEqual({ status: 'Accepted' });
    await until('booted', () => heard('BootNotification').length === boots + 1 && station.state.isAccepted);
  });

  it('reads and writes variables of 2.0.1', async () => {
    await begin({ version: '2.0.1' });
    await until('accepted', () => station.state.isAccepted);
    const [component, variable] = [{ name: 'SmartChargingCtrlr' }, { name: 'RateUnit' }];
    const got = await ask('GetVariables', { getVariableData: [{ component, variable }, { component, variable: { name: 'None' } }] }); // prettier-ignore
    expect(got.payload).toEqual({ getVariableResult: [{ attributeStatus: 'Accepted', attributeValue: 'A,W', component, variable }, { attributeStatus: 'UnknownVariable', component, variable: { name: 'None' } }] }); // prettier-ignore
    const chargingProfile = { id: 3, stackLevel: 0, chargingProfilePurpose: 'ChargingStationMaxProfile', chargingProfileKind: 'Absolute', chargingSchedule: [{ id: 1, chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 6900 }] }] }; // prettier-ignore
    expect((await ask('SetChargingProfile', { evseId: 0, chargingProfile })).payload).toEqual({ status: 'Accepted' });
    expect(station.state.limit).toBe(10);
    const { payload } = await ask('GetCompositeSchedule', { evseId: 1, duration: 60, chargingRateUnit: 'W' });
    expect(payload).toMatchObject({ schedule: { chargingSchedulePeriod: [{ startPeriod: 0, limit: 6900 }] } });
  });
});

describe('quirks of charge points', () => {
  it('offer no subprotocol, or one that the back end has not', async () => {
    await begin({ faults: [{ kind: 'no-subprotocol' }] });
    await until('accepted', () => station.state.isAccepted);
    expect([csms.handshakes[0]!.protocols, station.subprotocol]).toEqual([[], '']);
  });

  it('send broken JSON that is told again until it is understood', async () => {
    await begin({ timeout: 2000 });
    await charging();
    station.setFault({ kind: 'garbage', telegrams: 1 });
    station.plug(false);
    await until('its end', () => csms.sessions[0]!.endedAt !== undefined);
    expect(csms.frames().some(({ direction, bytes }) => direction === 'in' && decodeFrame(bytes) === undefined)).toBe(true); // prettier-ignore
    expect(csms.repeats).toEqual({ start: 0, stop: 0, values: 0 });
  });

  it('stay away after a clean close, and not after a cut', async () => {
    await begin({ faults: [{ kind: 'no-return' }] });
    await until('accepted', () => station.state.isAccepted);
    csms.disconnect('CP 1', null);
    await until('back', () => station.state.dials === 2 && station.state.isConnected);
    csms.disconnect('CP 1', 1000);
    await until('gone', () => !station.state.isConnected);
    pass(600);
    expect([station.state.dials, station.state.lastEnd]).toEqual([2, { code: 1000 }]);
    station.dial();
    await until('back', () => station.state.isConnected);
  });

  it('answer late', async () => {
    await begin();
    await until('accepted', () => station.state.isAccepted);
    station.setFault({ kind: 'delay', by: 3000 });
    const asked = clock.now();
    let took = 0;
    void ask('GetConfiguration', {}).then(() => (took = clock.now() - asked));
    await until('answered', () => took > 0);
    expect(took).toBeGreaterThanOrEqual(3000);
  });

  it('name what began offline by ids below 0', async () => {
    await begin({ settings: { MeterValueSampleInterval: '10', AllowOfflineTxForUnknownId: 'true' }, faults: [{ kind: 'negative' }] }); // prettier-ignore
    await until('accepted', () => station.state.isAccepted);
    await csms.goAway();
    await until('alone', () => !station.state.isConnected);
    station.plug(true);
    await until('charging', () => status() === 'Charging');
    pass(30);
    await csms.comeBack();
    await until('told', () => heard('MeterValues').length > 1);
    expect(new Set(heard('MeterValues').map(({ payload }) => payload['transactionId']))).toEqual(new Set([-1]));
    expect(csms.bill.orphans).toBeGreaterThan(1);
  });
});
