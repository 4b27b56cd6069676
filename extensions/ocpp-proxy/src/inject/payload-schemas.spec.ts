import { misfit } from './payload-schemas.js';

const profile = (limit: unknown) => ({
  connectorId: 1,
  csChargingProfiles: {
    chargingProfileId: 1,
    stackLevel: 0,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Relative',
    chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
  },
});

describe('a payload', () => {
  it.each([
    ['1.6', 'GetConfiguration', {}],
    ['1.6', 'SetChargingProfile', profile(10.3)],
    ['1.6', 'ExtendedTriggerMessage', { requestedMessage: 'LogStatusNotification' }],
    ['2.0.1', 'Reset', { type: 'OnIdle' }],
    ['2.1', 'Reset', { type: 'ImmediateAndResume' }],
    ['2.1', 'DataTransfer', { vendorId: 'v', data: { any: [1] } }],
  ] as const)('that is one of %s fits: %s', async (version, action, payload) =>
    expect(await misfit(version, action, payload)).toBeUndefined(),
  );

  it.each([
    ['1.6', 'SetChargingProfile', { connectorId: 1 }, 'the payload must have csChargingProfiles, by the schema of SetChargingProfile in OCPP 1.6'], // prettier-ignore
    ['1.6', 'SetChargingProfile', profile('10'), 'csChargingProfiles.chargingSchedule.chargingSchedulePeriod.0.limit must be number'], // prettier-ignore
    ['1.6', 'SetChargingProfile', profile(10.33), 'limit must be a multiple of 0.1'],
    ['1.6', 'Reset', { type: 'Warm' }, 'type must be one of Hard, Soft'],
    ['1.6', 'ClearCache', { all: true }, 'the payload must not have all'],
    ['2.0.1', 'Reset', { type: 'OnIdle', evseId: 'one' }, 'evseId must be integer'],
    ['2.0.1', 'Reset', { type: 'ImmediateAndResume' }, 'type must be one of Immediate, OnIdle'],
    ['2.0.1', 'GetConfiguration', {}, 'OCPP 2.0.1 has no GetConfiguration; did you mean GetVariables?'],
    ['1.6', 'RequestStartTransaction', {}, 'did you mean RemoteStartTransaction?'],
    ['1.6', 'Resett', {}, 'OCPP 1.6 has no Resett; did you mean Reset?'],
    ['1.6', '__proto__', {}, 'OCPP 1.6 has no __proto__'],
  ] as const)('that is none of %s is told where and why: %s', async (version, action, payload, text) =>
    expect(await misfit(version, action, payload)).toContain(text),
  );
});
