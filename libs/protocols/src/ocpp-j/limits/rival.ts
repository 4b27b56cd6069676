import { integerAt, objectAt, textAt, type JsonObject } from '../json.js';
import type { OwnProfile } from './profiles.js';

/** Where a profile stands among the others of a station. */
export interface ProfilePlace {
  readonly id: number;
  readonly connectorId: number;
  readonly purpose: string;
  readonly stackLevel: number;
}

/** The place of a SetChargingProfile.req; undefined where it does not say. */
export function placeOf(payload: JsonObject): ProfilePlace | undefined {
  const profile = objectAt(payload, 'csChargingProfiles');
  const id = integerAt(profile, 'chargingProfileId');
  const connectorId = integerAt(payload, 'connectorId');
  const purpose = textAt(profile, 'chargingProfilePurpose');
  const stackLevel = integerAt(profile, 'stackLevel');
  if (id === undefined || connectorId === undefined || purpose === undefined || stackLevel === undefined)
    return undefined;
  return { id, connectorId, purpose, stackLevel };
}

/** A profile takes the place of those with its id, and of those of its purpose and level there (1.6 ed.2 §3.13.2). */
export const replaces = (next: ProfilePlace, there: ProfilePlace): boolean =>
  next.id === there.id || (isBeside(next, there) && next.stackLevel === there.stackLevel);

/** Whether two stand in one stack; a profile of connector 0 is one of each connector. */
export const isBeside = (one: Omit<ProfilePlace, 'id'>, other: Omit<ProfilePlace, 'id'>): boolean =>
  one.purpose === other.purpose && (one.connectorId === other.connectorId || one.connectorId === 0 || other.connectorId === 0); // prettier-ignore

/** ClearChargingProfile.req: an id alone, or all that is given has to fit; without any all profiles go. */
export function clears(payload: JsonObject, profile: OwnProfile): boolean {
  const id = integerAt(payload, 'id');
  if (id !== undefined) return id === profile.id;
  const connectorId = integerAt(payload, 'connectorId');
  const purpose = textAt(payload, 'chargingProfilePurpose');
  const level = integerAt(payload, 'stackLevel');
  return (
    (connectorId === undefined || connectorId === profile.connectorId) &&
    (purpose === undefined || purpose === profile.purpose) &&
    (level === undefined || level === profile.stackLevel)
  );
}
