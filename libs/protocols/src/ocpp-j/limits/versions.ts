import { integerAt, objectAt, objectsAt, textAt, type JsonObject } from '../json.js';
import type { OcppVersion } from '../version.js';
import { CAPABILITY_KEYS } from './capabilities.js';

/** A CALL as it is injected. */
interface Spoken {
  readonly action: string;
  readonly payload: JsonObject;
}

/** Purposes that 2.x names otherwise (2.0.1 part 2 ChargingProfilePurposeEnumType); by the name of 1.6. */
const PURPOSES: Readonly<Record<string, string>> = { ChargePointMaxProfile: 'ChargingStationMaxProfile' };
const PURPOSES_16: Readonly<Record<string, string>> = { ChargingStationMaxProfile: 'ChargePointMaxProfile' };

/** Variables of SmartChargingCtrlr (2.0.1 part 2 appendix 3), and the key of 1.6 that says the same. */
const VARIABLES: Readonly<Record<string, (typeof CAPABILITY_KEYS)[number]>> = {
  ProfileStackLevel: 'ChargeProfileMaxStackLevel',
  RateUnit: 'ChargingScheduleAllowedChargingRateUnit',
  PeriodsPerSchedule: 'ChargingScheduleMaxPeriods',
  Phases3to1: 'ConnectorSwitch3to1PhaseSupported',
};
const COMPONENT = 'SmartChargingCtrlr';

/** What to ask a station of its smart charging, in its version. */
export function askCapabilities(version: OcppVersion): Spoken {
  if (version === '1.6') return { action: 'GetConfiguration', payload: { key: CAPABILITY_KEYS } };
  const getVariableData = Object.keys(VARIABLES).map((name) => ({
    component: { name: COMPONENT },
    variable: { name },
  }));
  return { action: 'GetVariables', payload: { getVariableData } };
}

/** A CALL in the form of 1.6 as a station of `version` takes it: profiles, and GetCompositeSchedule. */
export function callOf(version: OcppVersion, { action, payload }: Spoken): Spoken {
  if (version === '1.6') return { action, payload };
  if (action === 'SetChargingProfile') return { action, payload: setOf2(payload) };
  if (action === 'ClearChargingProfile') return { action, payload: { chargingProfileId: payload['id'] } };
  const { connectorId, ...rest } = payload;
  return { action, payload: { ...rest, evseId: connectorId } };
}

/** The payload of an answer in the form of 1.6: capabilities and composite schedules. */
export function answerOf16(version: OcppVersion, payload: JsonObject): JsonObject {
  if (version === '1.6') return payload;
  const results = objectsAt(payload, 'getVariableResult');
  if (results.length > 0) return { configurationKey: results.flatMap(keyOf) };
  const schedule = objectAt(payload, 'schedule');
  return {
    ...payload,
    connectorId: schedule['evseId'],
    scheduleStart: schedule['scheduleStart'],
    chargingSchedule: schedule,
  };
}

/** What a back end ordered, in the form of 1.6: SetChargingProfile and ClearChargingProfile; others as they are. */
export function orderOf16(version: OcppVersion, { action, payload }: Spoken): Spoken {
  if (version === '1.6') return { action, payload };
  if (action === 'SetChargingProfile') return { action, payload: setOf16(payload) };
  if (action === 'ClearChargingProfile') return { action, payload: clearOf16(payload) };
  return { action, payload };
}

function setOf2(payload: JsonObject): JsonObject {
  const { chargingProfileId, chargingSchedule, ...profile } = objectAt(payload, 'csChargingProfiles');
  const purpose = textAt(profile, 'chargingProfilePurpose') ?? '';
  return {
    evseId: payload['connectorId'],
    chargingProfile: {
      ...profile,
      id: chargingProfileId,
      chargingProfilePurpose: PURPOSES[purpose] ?? purpose,
      chargingSchedule: [{ id: chargingProfileId, ...objectAt({ chargingSchedule }, 'chargingSchedule') }],
    },
  };
}

/** 2.x has up to three schedules in a profile: they are taken as one, because the least of it counts. */
function setOf16(payload: JsonObject): JsonObject {
  const { id, ...profile } = objectAt(payload, 'chargingProfile');
  const purpose = textAt(profile, 'chargingProfilePurpose') ?? '';
  const schedules = objectsAt(profile, 'chargingSchedule');
  const [first] = schedules;
  const periods = schedules
    .filter((schedule) => schedule['chargingRateUnit'] === first?.['chargingRateUnit'])
    .flatMap((schedule) => objectsAt(schedule, 'chargingSchedulePeriod'));
  return {
    connectorId: payload['evseId'],
    csChargingProfiles: {
      ...profile,
      chargingProfileId: id,
      chargingProfilePurpose: Object.hasOwn(PURPOSES_16, purpose) ? PURPOSES_16[purpose]! : purpose,
      chargingSchedule: { ...first, chargingSchedulePeriod: periods },
    },
  };
}

function clearOf16(payload: JsonObject): JsonObject {
  const id = integerAt(payload, 'chargingProfileId');
  const criteria = objectAt(payload, 'chargingProfileCriteria');
  const purpose = textAt(criteria, 'chargingProfilePurpose');
  const evse = integerAt(criteria, 'evseId');
  const level = integerAt(criteria, 'stackLevel');
  return {
    ...(id !== undefined && { id }),
    ...(evse !== undefined && { connectorId: evse }),
    ...(purpose !== undefined && { chargingProfilePurpose: PURPOSES_16[purpose] ?? purpose }),
    ...(level !== undefined && { stackLevel: level }),
  };
}

function keyOf(result: JsonObject): readonly JsonObject[] {
  const name = textAt(objectAt(result, 'variable'), 'name') ?? '';
  const isTold = textAt(result, 'attributeStatus') === 'Accepted' && Object.hasOwn(VARIABLES, name);
  return isTold ? [{ key: VARIABLES[name], value: textAt(result, 'attributeValue') }] : [];
}
