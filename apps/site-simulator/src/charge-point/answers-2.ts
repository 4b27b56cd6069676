import { isObject, iso, listOf, objectOf, textOf, wholeOf, type JsonObject, type Reply } from '../ocpp/index.js';
import { purposeOf, readProfile } from './profile-reader.js';
import type { Settings } from './settings.js';
import type { StationDoor } from './station-door.js';

type Answerer = (payload: JsonObject, station: StationDoor) => Reply;

const status = (word: string, then?: () => void): Reply => ({ payload: { status: word }, ...(then && { then }) });

interface Variable {
  readonly component: JsonObject;
  readonly variable: JsonObject;
  readonly key: string | undefined;
}

function variableOf(data: JsonObject, settings: Settings): Variable {
  const [component, variable] = [objectOf(data, 'component'), objectOf(data, 'variable')];
  const key = settings.keyOf(textOf(component, 'name') ?? '', textOf(variable, 'name') ?? '');
  return { component, variable, key };
}

/** 2.0.1 has units by letters where 1.6 has words. */
const UNITS: Readonly<Record<string, string>> = { 'Current,Power': 'A,W', Current: 'A', Power: 'W' };
const CHANGED: Readonly<Record<string, string>> = { Accepted: 'Accepted', Rejected: 'Rejected', NotSupported: 'UnknownVariable' }; // prettier-ignore

const ANSWERS: Readonly<Record<string, Answerer>> = {
  GetVariables(payload, { settings }) {
    const getVariableResult = listOf(payload, 'getVariableData').map((each) => {
      const { key, ...names } = variableOf(each, settings);
      const setting = key === undefined ? undefined : settings.find(key);
      if (setting === undefined) return { attributeStatus: 'UnknownVariable', ...names };
      if (setting.isSecret) return { attributeStatus: 'Rejected', ...names };
      return { attributeStatus: 'Accepted', attributeValue: UNITS[setting.value] ?? setting.value, ...names };
    });
    return { payload: { getVariableResult } };
  },
  SetVariables(payload, { settings }) {
    const setVariableResult = listOf(payload, 'setVariableData').map((each) => {
      const { key, ...names } = variableOf(each, settings);
      const outcome = key === undefined ? 'NotSupported' : settings.change(key, textOf(each, 'attributeValue') ?? '');
      return { attributeStatus: CHANGED[outcome], ...names };
    });
    return { payload: { setVariableResult } };
  },
  SetChargingProfile(payload, station) {
    const connector = wholeOf(payload, 'evseId');
    const profile = connector === undefined ? undefined : readProfile(objectOf(payload, 'chargingProfile'), { connector, now: station.now }); // prettier-ignore
    if (connector === undefined || profile === undefined) return { code: 'FormatViolation' };
    return status(connector <= 1 && station.profiles.install(profile, station.rules) ? 'Accepted' : 'Rejected');
  },
  ClearChargingProfile(payload, { profiles }) {
    const criteria = objectOf(payload, 'chargingProfileCriteria');
    const cleared = profiles.clear({
      id: wholeOf(payload, 'chargingProfileId'),
      connector: wholeOf(criteria, 'evseId'),
      purpose: purposeOf(textOf(criteria, 'chargingProfilePurpose')),
      stackLevel: wholeOf(criteria, 'stackLevel'),
    });
    return status(cleared > 0 ? 'Accepted' : 'Unknown');
  },
  GetCompositeSchedule(payload, station) {
    const connector = wholeOf(payload, 'evseId') ?? 0;
    const duration = wholeOf(payload, 'duration') ?? 0;
    if (connector > 1 || duration <= 0) return status('Rejected');
    const unit = textOf(payload, 'chargingRateUnit') === 'W' ? 'W' : 'A';
    const chargingSchedulePeriod = station.composite({ connector, duration, unit });
    const schedule = { evseId: connector, duration, scheduleStart: iso(station.now), chargingRateUnit: unit, chargingSchedulePeriod }; // prettier-ignore
    return { payload: { status: 'Accepted', schedule } };
  },
  TriggerMessage(payload, station) {
    const message = textOf(payload, 'requestedMessage') ?? '';
    if (!TRIGGERED.includes(message)) return status('NotImplemented');
    return status('Accepted', () => void station.trigger(message));
  },
  RequestStartTransaction(payload, station) {
    const tag = textOf(objectOf(payload, 'idToken'), 'idToken');
    if (tag === undefined) return { code: 'FormatViolation' };
    if (!station.remoteStart(tag, wholeOf(payload, 'remoteStartId'))) return status('Rejected');
    const { chargingProfile } = payload;
    const profile = isObject(chargingProfile) ? readProfile(chargingProfile, { connector: 1, now: station.now }) : undefined; // prettier-ignore
    // of the transaction that it begins
    if (profile !== undefined) station.profiles.install(profile, { ...station.rules, transactionId: station.transaction?.id ?? 'next' }); // prettier-ignore
    return status('Accepted');
  },
  RequestStopTransaction: (payload, station) =>
    status(station.remoteStop(textOf(payload, 'transactionId') ?? '') ? 'Accepted' : 'Rejected'),
  Reset: (payload, station) => status('Accepted', () => station.restart(textOf(payload, 'type') !== 'OnIdle')),
  UnlockConnector(_, station) {
    station.unlock();
    return status('Unlocked');
  },
  ChangeAvailability: (payload, station) =>
    status(station.available(textOf(payload, 'operationalStatus') !== 'Inoperative') ? 'Accepted' : 'Scheduled'),
  ClearCache: () => status('Accepted'),
  DataTransfer: () => status('UnknownVendorId'),
  GetLocalListVersion: () => ({ payload: { versionNumber: 0 } }),
};

const TRIGGERED = ['BootNotification', 'Heartbeat', 'MeterValues', 'StatusNotification'];

/** Answers of a station of 2.0.1 (part 2 chapter 1 of the messages). */
export const answer2 = (action: string, payload: JsonObject, station: StationDoor): Reply =>
  Object.hasOwn(ANSWERS, action) ? ANSWERS[action]!(payload, station) : { code: 'NotImplemented' };
