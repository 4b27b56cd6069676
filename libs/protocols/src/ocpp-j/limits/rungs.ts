import type { LimitCapabilities, RateUnit } from './capabilities.js';

export type LimitPurpose = 'ChargePointMaxProfile' | 'TxDefaultProfile' | 'TxProfile';

/** How a dead box is survived: by a profile below, by a second period of the same one, or not at all. */
export type FailSafe = 'pair' | 'periods' | 'none';

/** One way to limit a station of 1.6: where its profiles go and what they look like. */
export interface Rung {
  readonly purpose: LimitPurpose;
  /** 0 is the whole station; only that has a ChargePointMaxProfile (1.6 ed.2 §3.13.1). */
  readonly connectorId: number;
  /** Of the limit itself; the permanent one of a pair is one below. */
  readonly stackLevel: number;
  readonly unit: RateUnit;
  readonly failSafe: FailSafe;
}

export interface LimitTarget {
  /** Outlet that is to be limited, 0 = the whole station. */
  readonly connectorId: number;
  /** The unit in which the limit is set, which is tried first. */
  readonly unit: RateUnit;
}

/** A station that says nothing of its levels: two are tried, then one. */
const UNKNOWN_LEVEL = 1;
/** Levels tried one by one from the highest; after them the lowest. */
const MOST_LEVELS = 8;

export interface Ladder {
  readonly standing: readonly Rung[];
  /** Of one transaction each. */
  readonly ofTransaction: readonly Rung[];
}

/**
 * The ladder, best first. A ChargePointMaxProfile only ever lowers what the back end allows, because the least of the purposes
 * counts (1.6 ed.2 §3.13.3); a TxDefaultProfile holds until a TxProfile comes; a TxProfile is of one transaction and waits for one. In each the highest level wins, and some stations refuse their own highest (lbbrhzn/ocpp#1737): then
 * one lower down to 0.
 */
export function rungsOf(capabilities: LimitCapabilities, { connectorId, unit: first }: LimitTarget): Ladder {
  // what limits the only outlet limits the station
  const isWhole = connectorId === 0 || capabilities.connectors === 1;
  const levels = levelsOf(capabilities);
  const units = unitsOf(capabilities, first);
  const at = (purpose: LimitPurpose, place: number, unit: RateUnit): readonly Rung[] =>
    levels.map((stackLevel) => ({ purpose, connectorId: place, stackLevel, unit, failSafe: failSafeOf(capabilities, stackLevel) })); // prettier-ignore
  return {
    standing: units.flatMap((unit) => [
      ...(isWhole ? at('ChargePointMaxProfile', 0, unit).slice(0, 2) : []),
      ...at('TxDefaultProfile', connectorId, unit),
    ]),
    ofTransaction: connectorId > 0 ? units.flatMap((unit) => at('TxProfile', connectorId, unit)) : [],
  };
}

function levelsOf({ maxStackLevel = UNKNOWN_LEVEL }: LimitCapabilities): readonly number[] {
  const lowest = Math.max(maxStackLevel - MOST_LEVELS + 1, 1);
  const levels = [];
  for (let level = maxStackLevel; level >= lowest; level--) levels.push(level);
  return [...levels, 0];
}

const unitsOf = ({ units = ['A', 'W'] }: LimitCapabilities, first: RateUnit): readonly RateUnit[] =>
  units.includes(first) ? [first, ...units.filter((unit) => unit !== first)] : units;

function failSafeOf({ maxPeriods, maxProfiles }: LimitCapabilities, stackLevel: number): FailSafe {
  if (stackLevel > 0 && (maxProfiles ?? 2) >= 2) return 'pair';
  return (maxPeriods ?? 2) >= 2 ? 'periods' : 'none';
}
