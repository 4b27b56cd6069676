import fc from 'fast-check';
import { decodeFrame } from '../frame/frame.js';
import { readCapabilities, type LimitCapabilities } from './capabilities.js';
import { askComposite, limitAt, readComposite } from './composite-schedule.js';
import { LimitPlan } from './limit-plan.js';
import { profileOutcome, type ProfileOutcome } from './outcome.js';
import { limitIn, type Limit, type PlannedCall, type ProfileSettings } from './profiles.js';
import { rungsOf } from './rungs.js';

const NOW = Date.parse('2026-03-01T10:00:00Z');
const SETTINGS: ProfileSettings = { safe: { unit: 'A', value: 6 }, refresh: 60_000, idBase: 9_001_000, volts: 230, phases: 3 }; // prettier-ignore
const A = (value: number): Limit => ({ unit: 'A', value });

interface Profile {
  readonly connectorId: number;
  readonly chargingProfileId: number;
  readonly stackLevel: number;
  readonly chargingProfilePurpose: string;
  readonly transactionId?: number;
  readonly chargingSchedule: { duration?: number; startSchedule: string; chargingRateUnit: string; chargingSchedulePeriod: { startPeriod: number; limit: number }[] }; // prettier-ignore
}

/** A station by the book (1.6 ed.2 §3.13), with what some do not take. */
class Station {
  profiles: Profile[] = [];
  /** As they came. */
  readonly asked: string[] = [];
  constructor(readonly takes: (profile: Profile) => ProfileOutcome = () => 'accepted') {}

  handle(action: string, payload: object): ProfileOutcome {
    const { id, connectorId, csChargingProfiles } = payload as { id: number; connectorId: number; csChargingProfiles: Omit<Profile, 'connectorId'> }; // prettier-ignore
    if (action === 'ClearChargingProfile') {
      this.asked.push(`clear ${id}`);
      this.profiles = this.profiles.filter(({ chargingProfileId }) => chargingProfileId !== id);
      return 'accepted';
    }
    const next: Profile = { connectorId, ...csChargingProfiles };
    this.asked.push(`${next.chargingProfilePurpose} ${next.connectorId} @${next.stackLevel}`);
    const outcome = this.takes(next);
    if (outcome !== 'accepted') return outcome;
    const isReplaced = (one: Profile): boolean => one.chargingProfileId === next.chargingProfileId || (one.chargingProfilePurpose === next.chargingProfilePurpose && one.stackLevel === next.stackLevel && one.connectorId === next.connectorId); // prettier-ignore
    this.profiles = [...this.profiles.filter((one) => !isReplaced(one)), next];
    return 'accepted';
  }

  /** A of outlet 1 at `t`; Infinity without a limit. */
  limit(t: number): number {
    const of = (purpose: string): number | undefined => {
      const stack = this.profiles.filter((one) => one.chargingProfilePurpose === purpose && amps(one, t) !== undefined);
      const top = stack.sort((one, other) => other.stackLevel - one.stackLevel)[0];
      return top && amps(top, t);
    };
    return Math.min(of('ChargePointMaxProfile') ?? Infinity, of('TxProfile') ?? of('TxDefaultProfile') ?? Infinity);
  }
}

function amps({ chargingSchedule: s }: Profile, t: number): number | undefined {
  const into = (t - Date.parse(s.startSchedule)) / 1000;
  if (into < 0 || (s.duration !== undefined && into >= s.duration)) return undefined;
  const { limit } = s.chargingSchedulePeriod.findLast(({ startPeriod }) => startPeriod <= into)!;
  return s.chargingRateUnit === 'A' ? limit : limit / (SETTINGS.volts * SETTINGS.phases);
}

const takesAll = (): ProfileOutcome => 'accepted';
const plan = (capabilities: LimitCapabilities = { maxStackLevel: 3, connectors: 1 }, connectorId = 1): LimitPlan => new LimitPlan(capabilities, { connectorId, unit: 'A' }, SETTINGS); // prettier-ignore

/** Lets the plan have its way until it has nothing to say; gives the CALLs. */
function settle(plan: LimitPlan, station: Station, now: number): readonly PlannedCall[] {
  const calls = [];
  for (let call = plan.next(now); call; call = plan.next(now)) {
    calls.push(call);
    plan.answered(station.handle(call.action, call.payload), now);
    if (calls.length > 200) throw new Error('the plan does not settle');
  }
  return calls;
}

describe('what a station takes of limits', () => {
  it('is read from its configuration', () => {
    const key = (key: string, value?: string): object => ({ key, readonly: true, value });
    expect(readCapabilities({ configurationKey: [key('ChargeProfileMaxStackLevel', '8'), key('ChargingScheduleAllowedChargingRateUnit', 'Current, Power'), key('ChargingScheduleMaxPeriods', '24'), key('MaxChargingProfilesInstalled', '4'), key('ConnectorSwitch3to1PhaseSupported', 'True'), key('NumberOfConnectors', '2'), key('SupportedFeatureProfiles', 'Core,SmartCharging')] })).toEqual({ maxStackLevel: 8, units: ['A', 'W'], maxPeriods: 24, maxProfiles: 4, canSwitchPhases: true, connectors: 2, isSmart: true }); // prettier-ignore
    expect(readCapabilities({ configurationKey: [key('ChargeProfileMaxStackLevel', 'many'), key('ChargingScheduleAllowedChargingRateUnit', 'x'), key('NumberOfConnectors'), null] })).toEqual({}); // prettier-ignore
    expect(readCapabilities({ configurationKey: [key('ChargingScheduleAllowedChargingRateUnit', 'W')] })).toEqual({ units: ['W'] }); // prettier-ignore
    expect(readCapabilities({})).toEqual({});
  });

  it('gives the rungs in their order', () => {
    const names = (capabilities: LimitCapabilities, connectorId: number): string[] => [rungsOf(capabilities, { connectorId, unit: 'A' })].flatMap((l) => [...l.standing, ...l.ofTransaction]).map((r) => `${r.purpose.slice(0, 3)}${r.connectorId}@${r.stackLevel}${r.unit} ${r.failSafe}`); // prettier-ignore
    expect(names({ maxStackLevel: 1, units: ['A'], connectors: 1 }, 1)).toEqual(['Cha0@1A pair', 'Cha0@0A periods', 'TxD1@1A pair', 'TxD1@0A periods', 'TxP1@1A pair', 'TxP1@0A periods']); // prettier-ignore
    // what limits the station would limit its other outlet too
    expect(names({ maxStackLevel: 0, units: ['W'], connectors: 2, maxPeriods: 1 }, 2)).toEqual(['TxD2@0W none', 'TxP2@0W none']); // prettier-ignore
    expect(names({ maxStackLevel: 0, units: ['W', 'A'] }, 0)).toEqual(['Cha0@0A periods', 'TxD0@0A periods', 'Cha0@0W periods', 'TxD0@0W periods']); // prettier-ignore
    expect(names({ maxStackLevel: 5, units: ['A'], maxProfiles: 1 }, 0)[0]).toBe('Cha0@5A periods');
    expect(names({ maxStackLevel: 999_999 }, 0).length).toBeLessThan(30);
  });
});

describe('a limit in the unit of the station', () => {
  it('is never above what was asked', () => {
    expect(limitIn('A', A(16.16), SETTINGS)).toBe(16.1);
    expect(limitIn('A', A(0.3), SETTINGS)).toBe(0.3);
    expect(limitIn('W', A(16), SETTINGS)).toBe(11_040);
    expect(limitIn('A', { unit: 'W', value: 11_000 }, SETTINGS)).toBe(15.9);
    expect(limitIn('A', A(-5), SETTINGS)).toBe(0);
    fc.assert(fc.property(fc.double({ min: 0, max: 1e5, noNaN: true }), (value) => expect(limitIn('A', A(value), SETTINGS)).toBeLessThanOrEqual(value * (1 + 1e-14)))); // prettier-ignore
  });
});

describe('the plan of a limit', () => {
  it('puts the safe value below and the limit above, and says both by the schema', () => {
    const station = new Station();
    const one = plan();
    one.setLimit(A(10));
    expect(one.state).toBe('trying');
    const calls = settle(one, station, NOW);
    expect(calls.map(({ payload }) => payload)).toEqual([
      { connectorId: 0, csChargingProfiles: { chargingProfileId: 9_001_000, stackLevel: 2, chargingProfilePurpose: 'ChargePointMaxProfile', chargingProfileKind: 'Absolute', chargingSchedule: { startSchedule: '2026-03-01T09:59:00.000Z', chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }] } } }, // prettier-ignore
      { connectorId: 0, csChargingProfiles: { chargingProfileId: 9_001_001, stackLevel: 3, chargingProfilePurpose: 'ChargePointMaxProfile', chargingProfileKind: 'Absolute', chargingSchedule: { duration: 180, startSchedule: '2026-03-01T09:59:00.000Z', chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }] } } }, // prettier-ignore
    ]);
    expect(one).toMatchObject({ state: 'holding', value: 10, wakeAt: NOW + 60_000 });
  });

  it.each([
    ['pair', { maxStackLevel: 3, connectors: 1 }],
    ['periods', { maxStackLevel: 0, connectors: 1 }],
  ])('by a %s falls to the safe value where this box is silent, and not to none', (failSafe, capabilities) => {
    const station = new Station();
    const one = plan(capabilities);
    one.setLimit(A(16));
    settle(one, station, NOW);
    expect(one.rung?.failSafe).toBe(failSafe);
    for (const later of [0, 60_000, 119_000]) expect(station.limit(NOW + later)).toBe(16);
    for (const later of [121_000, 86_400_000]) expect(station.limit(NOW + later)).toBe(6);
    settle(one, station, NOW + 60_000);
    expect(station.limit(NOW + 179_000)).toBe(16);
  });

  it('begins by the clock of the station', () => {
    const station = new Station();
    const one = plan();
    one.clockOffset = -3_600_000;
    one.setLimit(A(16));
    settle(one, station, NOW);
    expect(station.limit(NOW - 3_600_000)).toBe(16);
    expect(one.wakeAt).toBe(NOW + 60_000);
  });

  it('sends what lowers at once, what raises after a while, and the same again to refresh it', () => {
    const station = new Station();
    const one = plan();
    one.setLimit(A(10));
    settle(one, station, NOW);
    one.setLimit(A(8));
    expect(one.wakeAt).toBeLessThan(NOW);
    expect(settle(one, station, NOW + 1)).toHaveLength(1);
    one.setLimit(A(12));
    expect(settle(one, station, NOW + 2)).toHaveLength(0);
    expect(one.wakeAt).toBe(NOW + 15_001);
    expect(settle(one, station, NOW + 15_001)).toHaveLength(1);
    expect(settle(one, station, NOW + 75_000)).toHaveLength(0);
    expect(settle(one, station, NOW + 75_001)).toHaveLength(1);
  });

  it('goes down the ladder, and clears what it leaves behind', () => {
    const station = new Station(({ chargingProfilePurpose, stackLevel, connectorId }) => chargingProfilePurpose === 'TxDefaultProfile' ? (connectorId === 1 && stackLevel < 2 ? 'accepted' : 'rejected') : stackLevel === 2 ? 'accepted' : 'not-supported'); // prettier-ignore
    const one = plan({ maxStackLevel: 3, units: ['A'], connectors: 1 });
    one.setLimit(A(10));
    settle(one, station, NOW);
    expect(station.asked).toEqual([
      ...['ChargePointMaxProfile 0 @2', 'ChargePointMaxProfile 0 @3', 'clear 9001000'],
      ...['TxDefaultProfile 1 @2', 'TxDefaultProfile 1 @1', 'TxDefaultProfile 1 @2'],
      ...['TxDefaultProfile 1 @0', 'TxDefaultProfile 1 @1'],
    ]);
    expect(one).toMatchObject({ state: 'holding', rung: { purpose: 'TxDefaultProfile', stackLevel: 1 } });
  });

  it('waits with a TxProfile for a transaction', () => {
    const station = new Station(({ chargingProfilePurpose }) => chargingProfilePurpose === 'TxProfile' ? 'accepted' : 'not-supported'); // prettier-ignore
    const one = plan({ maxStackLevel: 1, units: ['A'], connectors: 2 });
    one.setLimit(A(10));
    settle(one, station, NOW);
    expect(one).toMatchObject({ state: 'waiting', wakeAt: undefined });
    one.setTransaction(7);
    settle(one, station, NOW);
    expect(one.state).toBe('holding');
    expect(station.profiles.map(({ transactionId }) => transactionId)).toEqual([7, 7]);
    one.setTransaction(undefined);
    expect(one.state).toBe('waiting');
  });

  it('ends where the station knows no smart charging, and begins again with a new firmware', () => {
    const one = plan();
    one.setLimit(A(10));
    expect(settle(one, new Station(() => 'not-implemented'), NOW)).toHaveLength(1);
    expect(one).toMatchObject({ state: 'refused', wakeAt: undefined, value: undefined });
    one.anew(NOW);
    settle(one, new Station(takesAll), NOW);
    expect(one.state).toBe('holding');
    const refused = plan();
    refused.setLimit(A(10));
    settle(refused, new Station(() => 'rejected'), NOW);
    expect(refused.state).toBe('waiting');
    refused.setTransaction(1);
    settle(refused, new Station(() => 'rejected'), NOW);
    expect(refused.state).toBe('refused');
  });

  it('tries again what had no answer, and takes it for there when it clears', () => {
    const one = plan();
    one.setLimit(A(10));
    one.next(NOW);
    expect(one.next(NOW)).toBeUndefined();
    one.answered('failed', NOW);
    expect(one).toMatchObject({ state: 'trying', wakeAt: NOW + 30_000 });
    expect(one.next(NOW + 29_999)).toBeUndefined();
    one.setLimit(undefined);
    expect(one.next(NOW + 30_000)).toMatchObject({ action: 'ClearChargingProfile', payload: { id: 9_001_000 } });
  });

  it('clears its own profiles, and nothing else, where no limit is asked for', () => {
    const station = new Station();
    station.handle('SetChargingProfile', foreign('ChargePointMaxProfile', 0, 20));
    const one = plan();
    one.setLimit(A(10));
    settle(one, station, NOW);
    one.setLimit(undefined);
    settle(one, station, NOW);
    expect(station.limit(NOW)).toBe(20);
    expect(one).toMatchObject({ state: 'idle', wakeAt: undefined });
  });

  it('asserts again what the back end took away, every 30 s at most', () => {
    const station = new Station();
    const one = plan();
    one.setLimit(A(10));
    settle(one, station, NOW);
    expect(one.backEnd('ClearChargingProfile', { chargingProfilePurpose: 'TxProfile' }, NOW)).toEqual([]);
    expect(one.backEnd('ClearChargingProfile', { id: 5 }, NOW)).toEqual([]);
    expect(one.backEnd('ClearChargingProfile', {}, NOW)).toHaveLength(2);
    expect(settle(one, station, NOW)).toHaveLength(2);
    expect(one.backEnd('SetChargingProfile', foreign('ChargePointMaxProfile', 3, 32), NOW + 1000)).toMatchObject([{ id: 9_001_001 }]); // prettier-ignore
    expect(settle(one, station, NOW + 1000)).toHaveLength(0);
    expect(one.wakeAt).toBe(NOW + 30_000);
    expect(settle(one, station, NOW + 30_000)).toHaveLength(1);
    one.anew(NOW + 90_000);
    expect(settle(one, station, NOW + 90_000)).toHaveLength(2);
    expect(one.backEnd('Reset', { type: 'Soft' }, NOW + 200_000)).toHaveLength(2);
    expect(one.wakeAt).toBe(NOW + 230_000);
  });

  it('clears what a station may have kept over a boot or a reset, where it is not wanted any more', () => {
    for (const begin of [
      (one: LimitPlan) => one.anew(NOW),
      (one: LimitPlan) => one.backEnd('Reset', { type: 'Soft' }, NOW),
    ]) {
      const one = plan();
      const station = new Station(takesAll);
      one.setLimit(A(10));
      expect(settle(one, station, NOW)).toHaveLength(2);
      begin(one);
      one.setLimit(undefined);
      expect(settle(one, station, NOW + 60_000).map(({ action }) => action)).toEqual(
        Array(2).fill('ClearChargingProfile'),
      );
      expect(one.state).toBe('idle');
    }
  });

  it('never raises what the back end allows, in any order of profiles', () => {
    const move = fc.record({ purpose: fc.constantFrom('ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'), level: fc.integer({ min: 0, max: 4 }), value: fc.integer({ min: 0, max: 32 }), clears: fc.boolean(), own: fc.integer({ min: 6, max: 32 }) }); // prettier-ignore
    const purposes = fc.subarray(['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'], { minLength: 1 });
    fc.assert(
      fc.property(fc.array(move, { minLength: 1, maxLength: 12 }), fc.integer({ min: 0, max: 4 }), purposes, (moves, maxStackLevel, taken) => {
        const station = new Station(({ chargingProfilePurpose, stackLevel }) => !taken.includes(chargingProfilePurpose) ? 'not-supported' : stackLevel > maxStackLevel ? 'rejected' : 'accepted'); // prettier-ignore
        // what it would be without this box
        const direct = new Station(takesAll);
        const one = plan({ maxStackLevel, units: ['A'], connectors: 1 });
        one.setTransaction(1);
        let now = NOW;
        for (const { purpose, level, value, clears, own } of moves) {
          now += 40_000;
          const payload = clears ? { id: 100 + level } : foreign(purpose, level, value);
          const action = clears ? 'ClearChargingProfile' : 'SetChargingProfile';
          if (station.handle(action, payload) === 'accepted') {
            direct.handle(action, payload);
            one.backEnd(action, payload, now);
          }
          one.setLimit(A(own));
          settle(one, station, now);
          if (one.state === 'holding') expect(station.limit(now)).toBeLessThanOrEqual(Math.min(direct.limit(now), one.value!, own)); // prettier-ignore
        }
        // what it displaced is there again
        one.setLimit(undefined);
        settle(one, station, now + 40_000);
        expect(station.limit(now)).toBe(direct.limit(now));
      }), // prettier-ignore
      { numRuns: 500 },
    );
  });
});

describe('a plan by TxDefaultProfile', () => {
  const station = (takes: readonly string[]): Station => new Station(({ chargingProfilePurpose }) => takes.includes(chargingProfilePurpose) ? 'accepted' : 'not-supported'); // prettier-ignore

  it('stands above a TxProfile of the back end while its transaction runs', () => {
    const point = station(['TxDefaultProfile', 'TxProfile']);
    const one = plan();
    one.setTransaction(7);
    one.setLimit(A(10));
    settle(one, point, NOW);
    expect(one.rung?.purpose).toBe('TxDefaultProfile');
    point.handle('SetChargingProfile', foreign('TxProfile', 0, 32));
    one.backEnd('SetChargingProfile', foreign('TxProfile', 0, 32), NOW);
    expect(point.limit(NOW)).toBe(32);
    settle(one, point, NOW);
    expect(point.limit(NOW)).toBe(10);
    expect(one).toMatchObject({ state: 'holding', rung: { purpose: 'TxProfile' } });
    point.profiles = point.profiles.filter(({ chargingProfilePurpose }) => chargingProfilePurpose !== 'TxProfile');
    one.setTransaction(undefined);
    expect(one).toMatchObject({ state: 'holding', rung: { purpose: 'TxDefaultProfile' } });
    expect(point.limit(NOW)).toBe(10);
  });

  it('puts a profile of the back end back that it had displaced, and asks again where that was not answered', () => {
    let isMute = false;
    const point = new Station(({ chargingProfilePurpose }) => chargingProfilePurpose !== 'TxDefaultProfile' ? 'not-supported' : isMute ? 'failed' : 'accepted'); // prettier-ignore
    const one = plan();
    point.handle('SetChargingProfile', foreign('TxDefaultProfile', 3, 20));
    one.backEnd('SetChargingProfile', foreign('TxDefaultProfile', 3, 20), NOW);
    one.setLimit(A(10));
    settle(one, point, NOW);
    expect(point.limit(NOW)).toBe(10);
    isMute = true;
    one.setLimit(undefined);
    settle(one, point, NOW + 1000);
    expect([point.limit(NOW), one.wakeAt]).toEqual([Infinity, NOW + 31_000]);
    isMute = false;
    expect(settle(one, point, NOW + 31_000)).toMatchObject([{ isTheirs: true }]);
    expect([point.limit(NOW), one.wakeAt]).toEqual([20, undefined]);
  });

  it('says where it is overruled', () => {
    const point = station(['TxDefaultProfile']);
    const one = plan();
    one.setTransaction(7);
    one.setLimit(A(10));
    settle(one, point, NOW);
    one.backEnd('SetChargingProfile', foreign('TxProfile', 0, 32), NOW);
    settle(one, point, NOW);
    expect(one).toMatchObject({ state: 'overruled', value: 10, wakeAt: NOW + 60_000 });
  });
});

describe('the answer to a profile', () => {
  it.each([
    ['[3,"1",{"status":"Accepted"}]', 'accepted'],
    ['[3,"1",{"status":"Rejected"}]', 'rejected'],
    ['[3,"1",{"status":"NotSupported"}]', 'not-supported'],
    ['[3,"1",{"status":"constructor"}]', 'failed'],
    ['[3,"1",{}]', 'failed'],
    ['[4,"1","NotImplemented","",{}]', 'not-implemented'],
    ['[4,"1","FormationViolation","",{}]', 'rejected'],
    ['[4,"1","InternalError","",{}]', 'failed'],
  ])('%s is %s', (frame, outcome) => expect(profileOutcome(decodeFrame(frame))).toBe(outcome));

  it('that did not come has failed', () => expect(profileOutcome(undefined)).toBe('failed'));
});

describe('a composite schedule', () => {
  const answer = { status: 'Accepted', connectorId: 1, scheduleStart: '2026-03-01T10:00:00Z', chargingSchedule: { duration: 600, chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 300, limit: 6, numberPhases: 1 }, { startPeriod: 0, limit: 10.5 }] } }; // prettier-ignore

  it('is asked for and read', () => {
    expect(askComposite(1, 600, 'A')).toEqual({ connectorId: 1, duration: 600, chargingRateUnit: 'A' });
    const schedule = readComposite(answer)!;
    expect(schedule).toEqual({ connectorId: 1, start: NOW, duration: 600_000, unit: 'A', periods: [{ from: 0, limit: 10.5 }, { from: 300_000, limit: 6, phases: 1 }] }); // prettier-ignore
    expect([-1, 0, 299_999, 300_000, 599_999, 600_000].map((into) => limitAt(schedule, NOW + into))).toEqual([undefined, 10.5, 10.5, 6, 6, undefined]); // prettier-ignore
  });

  it.each([
    {},
    { ...answer, status: 'Rejected' },
    { status: 'Accepted' },
    { ...answer, chargingSchedule: { ...answer.chargingSchedule, chargingRateUnit: 'kW' } },
    {
      ...answer,
      chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: '6' }] },
    },
  ])('is not known from %j', (answer) => expect(readComposite(answer)).toBeUndefined());
});

/** A constant profile of the back end in A. */
const foreign = (purpose: string, level: number, value: number): Record<string, unknown> => ({
  connectorId: purpose === 'ChargePointMaxProfile' ? 0 : 1,
  csChargingProfiles: { chargingProfileId: 100 + level, stackLevel: level, chargingProfilePurpose: purpose, chargingProfileKind: 'Absolute', chargingSchedule: { startSchedule: '2020-01-01T00:00:00Z', chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: value }] } }, // prettier-ignore
});
