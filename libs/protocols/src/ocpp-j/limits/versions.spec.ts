import { readCapabilities } from './capabilities.js';
import { askComposite, readComposite } from './composite-schedule.js';
import { LimitPlan } from './limit-plan.js';
import { answerOf16, askCapabilities, callOf, orderOf16 } from './versions.js';

const SETTINGS = { safe: { unit: 'A', value: 6 }, refresh: 60_000, idBase: 9_001_000, volts: 230, phases: 3 } as const;
const NOW = Date.parse('2026-06-01T12:00:00Z');

it('limits an EVSE of 2.x by the same plan', () => {
  const plan = new LimitPlan({ maxStackLevel: 3, units: ['A'] }, { connectorId: 2, unit: 'A' }, SETTINGS);
  plan.setLimit({ unit: 'A', value: 10 });
  const calls = [];
  for (let call = plan.next(NOW); call !== undefined; call = plan.next(NOW)) {
    calls.push(callOf('2.0.1', call));
    plan.answered('accepted', NOW);
  }
  expect(calls).toMatchObject([
    {
      action: 'SetChargingProfile',
      payload: {
        evseId: 2,
        chargingProfile: { id: 9_001_008, stackLevel: 2, chargingProfilePurpose: 'TxDefaultProfile' },
      },
    },
    {
      payload: {
        evseId: 2,
        chargingProfile: {
          id: 9_001_009,
          stackLevel: 3,
          chargingProfileKind: 'Absolute',
          chargingSchedule: [
            { id: 9_001_009, chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }] },
          ],
        },
      },
    },
  ]);
  // as it stands on the wire it is understood again
  const whole = orderOf16('2.0.1', calls[1]!);
  expect(whole.payload).toMatchObject({
    connectorId: 2,
    csChargingProfiles: { chargingProfileId: 9_001_009, stackLevel: 3 },
  });
  plan.setLimit(undefined);
  expect(callOf('2.1', plan.next(NOW)!).payload).toEqual({ chargingProfileId: 9_001_008 });
});

it('names the purpose of the whole station as 2.x does', () => {
  const csChargingProfiles = { chargingProfileId: 1, stackLevel: 0, chargingProfilePurpose: 'ChargePointMaxProfile' };
  const call = callOf('2.0.1', { action: 'SetChargingProfile', payload: { connectorId: 0, csChargingProfiles } });
  expect(call.payload).toMatchObject({
    evseId: 0,
    chargingProfile: { chargingProfilePurpose: 'ChargingStationMaxProfile' },
  });
  expect(orderOf16('2.0.1', call).payload).toMatchObject({ csChargingProfiles });
});

it.each([
  [{ chargingProfileId: 7 }, { id: 7 }],
  [{ chargingProfileCriteria: { evseId: 1, stackLevel: 2 } }, { connectorId: 1, stackLevel: 2 }],
  [
    { chargingProfileCriteria: { chargingProfilePurpose: 'ChargingStationMaxProfile' } },
    { chargingProfilePurpose: 'ChargePointMaxProfile' },
  ],
  [{}, {}],
  [{ chargingProfileCriteria: 'all' }, {}],
])('understands what %j clears', (payload, read) => {
  expect(orderOf16('2.1', { action: 'ClearChargingProfile', payload }).payload).toEqual(read);
});

it('asks for what it can do by variables and reads the answer', () => {
  expect(askCapabilities('2.0.1').action).toBe('GetVariables');
  expect(askCapabilities('1.6').action).toBe('GetConfiguration');
  const result = (name: string, attributeValue: string, attributeStatus = 'Accepted') => ({
    component: { name: 'SmartChargingCtrlr' },
    variable: { name },
    attributeStatus,
    attributeValue,
  });
  const getVariableResult = [
    result('ProfileStackLevel', '5'),
    result('RateUnit', 'A,W'),
    result('PeriodsPerSchedule', '24', 'UnknownVariable'),
    result('constructor', '1'),
  ];
  expect(readCapabilities(answerOf16('2.0.1', { getVariableResult }))).toEqual({ maxStackLevel: 5, units: ['A', 'W'] });
});

it('reads a composite schedule of 2.x', () => {
  expect(callOf('2.0.1', { action: 'GetCompositeSchedule', payload: askComposite(1, 60, 'A') }).payload).toEqual({
    evseId: 1,
    duration: 60,
    chargingRateUnit: 'A',
  });
  const schedule = {
    evseId: 1,
    duration: 60,
    scheduleStart: '2026-06-01T12:00:00Z',
    chargingRateUnit: 'A',
    chargingSchedulePeriod: [{ startPeriod: 0, limit: 8 }],
  };
  expect(readComposite(answerOf16('2.0.1', { status: 'Accepted', schedule }))).toMatchObject({
    connectorId: 1,
    start: NOW,
    periods: [{ limit: 8 }],
  });
  expect(readComposite(answerOf16('2.0.1', { status: 'Rejected' }))).toBeUndefined();
});
