import { isObject, iso, objectOf, textOf, wholeOf, type JsonObject, type Reply } from '../ocpp/index.js';
import { purposeOf, readProfile } from './profile-reader.js';
import type { StationDoor } from './station-door.js';

type Answerer = (payload: JsonObject, station: StationDoor) => Reply;

const status = (word: string, then?: () => void): Reply => ({ payload: { status: word }, ...(then && { then }) });

const ANSWERS: Readonly<Record<string, Answerer>> = {
  GetConfiguration(payload, { settings }) {
    const { key } = payload;
    const asked = Array.isArray(key) && key.length > 0 ? (key as unknown[]).map(String) : settings.keys;
    const configurationKey = asked.flatMap((each) => {
      const setting = settings.find(each);
      if (setting === undefined) return [];
      return [{ key: each, readonly: setting.isReadonly ?? false, ...(!setting.isSecret && { value: setting.value }) }];
    });
    return { payload: { configurationKey, unknownKey: asked.filter((each) => settings.find(each) === undefined) } };
  },
  ChangeConfiguration: (payload, { settings }) =>
    status(settings.change(textOf(payload, 'key') ?? '', textOf(payload, 'value') ?? '')),
  SetChargingProfile(payload, station) {
    const connector = wholeOf(payload, 'connectorId');
    const data = objectOf(payload, 'csChargingProfiles');
    if (connector === undefined) return { code: 'FormationViolation' };
    const profile = readProfile(data, { connector, now: station.now });
    if (profile === undefined) return { code: 'FormationViolation' };
    return status(connector <= 1 && station.profiles.install(profile, station.rules) ? 'Accepted' : 'Rejected');
  },
  ClearChargingProfile(payload, { profiles }) {
    const cleared = profiles.clear({
      id: wholeOf(payload, 'id'),
      connector: wholeOf(payload, 'connectorId'),
      purpose: purposeOf(textOf(payload, 'chargingProfilePurpose')),
      stackLevel: wholeOf(payload, 'stackLevel'),
    });
    return status(cleared > 0 ? 'Accepted' : 'Unknown');
  },
  GetCompositeSchedule(payload, station) {
    const connector = wholeOf(payload, 'connectorId') ?? 0;
    const duration = wholeOf(payload, 'duration') ?? 0;
    if (connector > 1 || duration <= 0) return status('Rejected');
    const unit = textOf(payload, 'chargingRateUnit') === 'W' ? 'W' : 'A';
    const chargingSchedulePeriod = station.composite({ connector, duration, unit });
    const start = iso(station.now);
    const chargingSchedule = { duration, startSchedule: start, chargingRateUnit: unit, chargingSchedulePeriod };
    return { payload: { status: 'Accepted', connectorId: connector, scheduleStart: start, chargingSchedule } };
  },
  TriggerMessage(payload, station) {
    const message = textOf(payload, 'requestedMessage') ?? '';
    if (!TRIGGERED.includes(message)) return status('NotImplemented');
    return status('Accepted', () => void station.trigger(message));
  },
  RemoteStartTransaction(payload, station) {
    const tag = textOf(payload, 'idTag');
    if (tag === undefined) return { code: 'FormationViolation' };
    if (!station.remoteStart(tag)) return status('Rejected');
    const { chargingProfile } = payload;
    const profile = isObject(chargingProfile) ? readProfile(chargingProfile, { connector: 1, now: station.now }) : undefined; // prettier-ignore
    // of the transaction that it begins
    if (profile !== undefined) station.profiles.install(profile, { ...station.rules, transactionId: station.transaction?.id ?? 'next' }); // prettier-ignore
    return status('Accepted');
  },
  RemoteStopTransaction: (payload, station) =>
    status(station.remoteStop(String(wholeOf(payload, 'transactionId'))) ? 'Accepted' : 'Rejected'),
  Reset: (payload, station) => status('Accepted', () => station.restart(textOf(payload, 'type') === 'Hard')),
  UnlockConnector(_, station) {
    station.unlock();
    return status('Unlocked');
  },
  ChangeAvailability: (payload, station) =>
    status(station.available(textOf(payload, 'type') !== 'Inoperative') ? 'Accepted' : 'Scheduled'),
  ClearCache: () => status('Accepted'),
  DataTransfer: () => status('UnknownVendorId'),
  GetLocalListVersion: () => ({ payload: { listVersion: -1 } }),
  SendLocalList: () => status('NotSupported'),
  CancelReservation: () => status('Rejected'),
};

const TRIGGERED = ['BootNotification', 'Heartbeat', 'MeterValues', 'StatusNotification'];

/** Answers of a station of 1.6 (ed.2 chapter 5). */
export const answer16 = (action: string, payload: JsonObject, station: StationDoor): Reply =>
  Object.hasOwn(ANSWERS, action) ? ANSWERS[action]!(payload, station) : { code: 'NotImplemented' };
