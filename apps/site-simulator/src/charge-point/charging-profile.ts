export type RateUnit = 'A' | 'W';
export type Purpose = 'ChargePointMaxProfile' | 'TxDefaultProfile' | 'TxProfile';

export interface ProfilePeriod {
  /** ms from the start of the schedule; the first is 0. */
  readonly from: number;
  readonly limit: number;
  readonly phases?: number;
}

/** A charging profile as a station keeps it, of either version (1.6 ed.2 chapter 7 ChargingProfile). Times are ms UTC. */
export interface ChargingProfile {
  readonly id: number;
  /** 0 = the whole station. */
  readonly connector: number;
  readonly purpose: Purpose;
  readonly stackLevel: number;
  readonly kind: 'Absolute' | 'Recurring' | 'Relative';
  /** ms after which a recurring one begins again. */
  readonly cycle?: number;
  readonly validFrom?: number;
  readonly validTo?: number;
  readonly transactionId?: string;
  readonly unit: RateUnit;
  /** Of an absolute or recurring one; a relative one begins with its transaction. */
  readonly start?: number;
  /** ms */
  readonly duration?: number;
  readonly periods: readonly ProfilePeriod[];
}

/** The period of a profile at an instant, and until when that stays as it is. */
export interface InForce {
  readonly period: ProfilePeriod | undefined;
  readonly until: number;
}

const { floor, min } = Math;

/** `began` = start of the transaction, of which a relative profile counts. */
export function inForce(profile: ChargingProfile, t: number, began: number | undefined): InForce {
  const { validFrom = -Infinity, validTo = Infinity, periods, duration = Infinity } = profile;
  if (t < validFrom) return { period: undefined, until: validFrom };
  const cycle = profile.kind === 'Recurring' ? (profile.cycle ?? Infinity) : Infinity;
  const first = profile.kind === 'Relative' ? began : profile.start;
  if (t >= validTo || first === undefined) return { period: undefined, until: Infinity };
  if (t < first) return { period: undefined, until: first };
  const begin = cycle === Infinity ? first : first + floor((t - first) / cycle) * cycle;
  const end = min(begin + duration, begin + cycle, validTo);
  if (t >= end) return { period: undefined, until: begin + cycle };
  const place = periods.findLastIndex(({ from }) => begin + from <= t);
  const next = periods[place + 1];
  return { period: periods[place], until: min(end, next === undefined ? Infinity : begin + next.from) };
}
