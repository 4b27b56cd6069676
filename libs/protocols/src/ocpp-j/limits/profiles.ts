import type { JsonObject } from '../json.js';
import type { RateUnit } from './capabilities.js';
import type { Rung } from './rungs.js';

/** A limit in A per phase or in W. */
export interface Limit {
  readonly unit: RateUnit;
  readonly value: number;
}

/** What the profiles of a limit are made from. */
export interface ProfileSettings {
  /** What holds once this box says nothing any more. */
  readonly safe: Limit;
  /** ms: the limit is sent again within it; it ends by itself after twice as long. */
  readonly refresh: number;
  /** Ids of profiles, four for each outlet: 9 001 000 and up unless said. */
  readonly idBase: number;
  /** Volts between a conductor and N, and phases, where a limit is set in the other unit. */
  readonly volts: number;
  readonly phases: number;
}

/** A profile that this box has on the station. */
export interface OwnProfile {
  readonly id: number;
  readonly connectorId: number;
  readonly purpose: string;
  readonly stackLevel: number;
}

/** A CALL of the plan; `isShort` is the limit itself, the other one the permanent profile below it. */
export interface PlannedCall {
  readonly action: 'SetChargingProfile' | 'ClearChargingProfile';
  readonly payload: JsonObject;
  readonly profile: OwnProfile;
  readonly isShort: boolean;
  /** The limit that holds first, in the unit of the rung; undefined for what clears. */
  readonly value?: number;
  /** A profile of the back end is put back that one of this box had displaced. */
  readonly isTheirs?: boolean;
}

/** A clock of a station that is behind by less than it has begun with the profile. */
const MARGIN = 60_000;
/** Limits have one decimal (1.6 ed.2 chapter 7 ChargingSchedulePeriod). */
const TENTHS = 10;

/** `limit` in the unit of a rung, to a tenth below: never more than was asked. */
export function limitIn(unit: RateUnit, limit: Limit, { volts, phases }: ProfileSettings): number {
  const factor = volts * phases;
  const value = limit.unit === unit ? limit.value : unit === 'W' ? limit.value * factor : limit.value / factor;
  // what a double is short of a tenth is none
  return Math.max(0, Math.floor(Number((value * TENTHS).toPrecision(15))) / TENTHS);
}

export interface ProfileRequest {
  readonly limit: Limit;
  /** ms UTC by the clock of the station. */
  readonly now: number;
  /** A text in 2.x. */
  readonly transactionId?: number | string;
  /** Never above it, in the unit of the rung. */
  readonly ceiling: number;
}

/** The permanent profile of a pair: what holds where the one above has ended. Undefined for a rung without one. */
export function safeProfile(rung: Rung, settings: ProfileSettings, request: ProfileRequest): PlannedCall | undefined {
  if (rung.failSafe !== 'pair') return undefined;
  const profile = ownProfile(rung, settings, false);
  const periods: Parts['schedule']['periods'] = [
    { startPeriod: 0, limit: valueOf(rung, settings.safe, { settings, request }) },
  ];
  return set(rung, { profile, schedule: { periods }, request, isShort: false });
}

/** The limit itself. It ends, or falls to the safe value, twice the refresh from now; without a fail-safe it stays. */
export function limitProfile(rung: Rung, settings: ProfileSettings, request: ProfileRequest): PlannedCall {
  const profile = ownProfile(rung, settings, true);
  const end = Math.ceil((MARGIN + 2 * settings.refresh) / 1000);
  const first = { startPeriod: 0, limit: valueOf(rung, request.limit, { settings, request }) };
  const safe = { startPeriod: end, limit: valueOf(rung, settings.safe, { settings, request }) };
  const periods: Parts['schedule']['periods'] = rung.failSafe === 'periods' ? [first, safe] : [first];
  const schedule = { periods, ...(rung.failSafe === 'pair' && { duration: end }) };
  return set(rung, { profile, schedule, request, isShort: true });
}

/** Takes an own profile off the station, by its id and nothing else. */
export const clearProfile = (profile: OwnProfile, isShort: boolean): PlannedCall => ({
  action: 'ClearChargingProfile',
  payload: { id: profile.id },
  profile,
  isShort,
});

/** Puts a profile of the back end where it was. */
export function theirProfile({
  payload,
  id,
  connectorId,
  purpose,
  stackLevel,
}: OwnProfile & { readonly payload: JsonObject }): PlannedCall {
  const profile = { id, connectorId, purpose, stackLevel };
  return { action: 'SetChargingProfile', payload, profile, isShort: false, isTheirs: true };
}

const valueOf = (
  { unit }: Rung,
  limit: Limit,
  { settings, request }: { settings: ProfileSettings; request: ProfileRequest },
): number => Math.min(limitIn(unit, limit, settings), request.ceiling);

function ownProfile(
  { connectorId, purpose, stackLevel }: Rung,
  { idBase }: ProfileSettings,
  isShort: boolean,
): OwnProfile {
  // a profile for a transaction leaves those that stand where they are
  const id = idBase + 4 * connectorId + (purpose === 'TxProfile' ? 2 : 0) + (isShort ? 1 : 0);
  return { id, connectorId, purpose, stackLevel: isShort ? stackLevel : stackLevel - 1 };
}

interface Period {
  readonly startPeriod: number;
  readonly limit: number;
}

interface Parts {
  readonly profile: OwnProfile;
  readonly schedule: {
    readonly periods: readonly [Period, ...Period[]];
    readonly duration?: number;
  };
  readonly request: ProfileRequest;
  readonly isShort: boolean;
}

function set({ unit }: Rung, { profile, schedule, request, isShort }: Parts): PlannedCall {
  const { transactionId } = request;
  const value = schedule.periods[0].limit;
  const csChargingProfiles = {
    chargingProfileId: profile.id,
    ...(profile.purpose === 'TxProfile' && transactionId !== undefined && { transactionId }),
    stackLevel: profile.stackLevel,
    chargingProfilePurpose: profile.purpose,
    chargingProfileKind: 'Absolute',
    chargingSchedule: {
      ...(schedule.duration !== undefined && { duration: schedule.duration }),
      startSchedule: new Date(request.now - MARGIN).toISOString(),
      chargingRateUnit: unit,
      chargingSchedulePeriod: schedule.periods,
    },
  };
  const payload = { connectorId: profile.connectorId, csChargingProfiles };
  return { action: 'SetChargingProfile', payload, profile, isShort, value }; // prettier-ignore
}
