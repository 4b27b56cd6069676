import { inForce, type ChargingProfile, type ProfilePeriod, type Purpose, type RateUnit } from './charging-profile.js';

/** Nominal V to neutral, by which a limit in W is one in A. */
export const NOMINAL = 230;

/** What the limits of an outlet are counted for. */
export interface LimitCase {
  readonly connector: number;
  /** Phases that the station charges on. */
  readonly phases: number;
  /** A per phase that it can do without any profile. */
  readonly most: number;
  readonly transaction?: { readonly id: string; readonly began: number } | undefined;
}

export interface EffectiveLimit {
  /** A per phase. */
  readonly ampere: number;
  readonly phases: number;
  /** ms UTC until which it stays so, whatever is not changed by then. */
  readonly until: number;
}

interface Winner {
  readonly winner: ChargingProfile | undefined;
  readonly period: ProfilePeriod | undefined;
  readonly until: number;
}

/** The least of the purposes, in each of which the highest level that is in force counts (1.6 ed.2 §3.13.1 to 3.13.3). */
export function effectiveLimit(profiles: readonly ChargingProfile[], t: number, of: LimitCase): EffectiveLimit {
  const station = winnerOf(stackOf(profiles, 'ChargePointMaxProfile', of), t, of);
  // a profile of the transaction goes before the one for any
  const session = winnerOf([...stackOf(profiles, 'TxProfile', of), ...stackOf(profiles, 'TxDefaultProfile', of)], t, of); // prettier-ignore
  let [ampere, phases] = [of.most, of.phases];
  for (const { winner, period } of [station, session]) {
    if (winner === undefined || period === undefined) continue;
    const used = Math.min(period.phases ?? of.phases, of.phases);
    phases = Math.min(phases, used);
    ampere = Math.min(ampere, winner.unit === 'A' ? period.limit : period.limit / (NOMINAL * used));
  }
  return { ampere: Math.max(0, ampere), phases, until: Math.min(station.until, session.until) };
}

function stackOf(profiles: readonly ChargingProfile[], purpose: Purpose, of: LimitCase): readonly ChargingProfile[] {
  return profiles
    .filter((each) => each.purpose === purpose && (each.connector === 0 || each.connector === of.connector))
    .filter((each) => purpose !== 'TxProfile' || isOf(each, of))
    .sort((one, other) => other.stackLevel - one.stackLevel || other.connector - one.connector);
}

const isOf = ({ transactionId }: ChargingProfile, { transaction }: LimitCase): boolean =>
  transaction !== undefined && (transactionId === undefined || transactionId === transaction.id);

function winnerOf(stack: readonly ChargingProfile[], t: number, { transaction }: LimitCase): Winner {
  let until = Infinity;
  for (const winner of stack) {
    const now = inForce(winner, t, transaction?.began);
    until = Math.min(until, now.until);
    if (now.period !== undefined) return { winner, period: now.period, until };
  }
  return { winner: undefined, period: undefined, until };
}

export interface CompositePeriod {
  /** s from the start. */
  readonly startPeriod: number;
  readonly limit: number;
  readonly numberPhases: number;
}

export interface CompositeRange {
  /** ms UTC, whole seconds. */
  readonly from: number;
  /** s */
  readonly duration: number;
  readonly unit: RateUnit;
}

/** More periods than that no station tells. */
const MOST_PERIODS = 1000;

/** What will hold from now on as far as it is known now (1.6 ed.2 §3.13.5), limits to a tenth below. */
export function compositeSchedule(
  profiles: readonly ChargingProfile[],
  range: CompositeRange,
  of: LimitCase,
): readonly CompositePeriod[] {
  // prettier-ignore
  const end = range.from + range.duration * 1000;
  const periods: CompositePeriod[] = [];
  for (let t = range.from; t < end && periods.length < MOST_PERIODS;) {
    const { ampere, phases, until } = effectiveLimit(profiles, t, of);
    const value = range.unit === 'A' ? ampere : ampere * NOMINAL * phases;
    const limit = Math.floor(Number((value * 10).toPrecision(12))) / 10;
    const last = periods.at(-1);
    if (last?.limit !== limit || last.numberPhases !== phases)
      periods.push({ startPeriod: Math.ceil((t - range.from) / 1000), limit, numberPhases: phases });
    t = until;
  }
  return periods;
}
