import { objectAt, objectsAt, textAt, type JsonObject } from '../json.js';
import type { RateUnit } from './capabilities.js';
import { limitIn, type ProfileSettings } from './profiles.js';
import { clears, isBeside, placeOf, replaces, type ProfilePlace } from './rival.js';
import type { Rung } from './rungs.js';

interface Foreign extends ProfilePlace {
  readonly unit: RateUnit;
  /** The least of its periods. */
  readonly least: number;
  /** As it was ordered, in the form of 1.6. */
  readonly payload: JsonObject;
  /** One of ours took its place. */
  readonly isGone: boolean;
}

/** No station takes more. */
const MOST = 100;

/**
 * Profiles of the back end that a station accepted. Where ours stands in the same stack it alone counts (1.6 ed.2 §3.13.2), and
 * would raise what the back end allowed: so it is never above the least of theirs.
 */
export class ForeignProfiles {
  private profiles: readonly Foreign[] = [];

  set(payload: JsonObject): void {
    const place = placeOf(payload);
    const schedule = objectAt(objectAt(payload, 'csChargingProfiles'), 'chargingSchedule');
    const unit = textAt(schedule, 'chargingRateUnit');
    if (place === undefined || (unit !== 'A' && unit !== 'W')) return;
    const limits = objectsAt(schedule, 'chargingSchedulePeriod').map((period) => period['limit']);
    const least = Math.min(...limits.filter((limit) => typeof limit === 'number'));
    const next: Foreign = { ...place, unit, least, payload, isGone: false };
    const others = this.profiles.filter((there) => !replaces(place, there));
    this.profiles = Number.isFinite(least) ? [...others, next].slice(-MOST) : others;
  }

  clear(payload: JsonObject): void {
    this.profiles = this.profiles.filter((profile) => !clears(payload, profile));
  }

  /** Ours was put there: what it replaced counts on, and is gone from the station. One of all outlets stays for the others. */
  displace(ours: ProfilePlace): void {
    this.profiles = this.profiles.map((there) =>
      there.connectorId === ours.connectorId && replaces(ours, there) ? { ...there, isGone: true } : there,
    );
  }

  /** One that a profile of ours has displaced, of other purposes than those that ours have now. */
  displacedBeside(
    purposes: readonly (string | undefined)[],
  ): (ProfilePlace & { readonly payload: JsonObject }) | undefined {
    // prettier-ignore
    return this.profiles.find(({ isGone, purpose }) => isGone && !purposes.includes(purpose));
  }

  /** It was offered to the station again; one that is not taken any more is forgotten. */
  restored(id: number, isTaken: boolean): void {
    this.profiles = this.profiles.flatMap((there) => there.id !== id ? [there] : isTaken ? [{ ...there, isGone: false }] : []); // prettier-ignore
  }

  /** A transaction takes its own profiles with it. */
  transactionEnded(connectorId: number): void {
    this.profiles = this.profiles.filter((one) => one.purpose !== 'TxProfile' || one.connectorId !== connectorId);
  }

  /** Whether a TxProfile of theirs is what counts at an outlet, and no TxDefaultProfile (1.6 ed.2 §3.13.1); 0 = at any. */
  hasTransactionProfile(connectorId: number): boolean {
    return this.profiles.some((one) => one.purpose === 'TxProfile' && (connectorId === 0 || one.connectorId === connectorId)); // prettier-ignore
  }

  /** In the unit of the rung; Infinity where nothing of theirs stands beside it. */
  ceiling(rung: Rung, settings: ProfileSettings): number {
    const beside = this.profiles.filter((profile) => isBeside(profile, rung));
    return Math.min(...beside.map(({ unit, least }) => limitIn(rung.unit, { unit, value: least }, settings)));
  }
}
