import { integerAt, objectAt, objectsAt, textAt, timeAt, type JsonObject } from '../json.js';
import type { RateUnit } from './capabilities.js';

export interface SchedulePeriod {
  /** ms from the start of the schedule. */
  readonly from: number;
  /** A per phase or W, by the schedule's unit. */
  readonly limit: number;
  readonly phases?: number;
}

/** What a station will do, of all its profiles together (1.6 ed.2 GetCompositeSchedule.conf). */
export interface CompositeSchedule {
  readonly connectorId?: number;
  /** ms UTC by the station's clock; undefined where it does not say: then it is its now. */
  readonly start?: number;
  /** ms; undefined = open. */
  readonly duration?: number;
  readonly unit: RateUnit;
  /** By their beginning. */
  readonly periods: readonly SchedulePeriod[];
}

/** The payload to ask with: the next `seconds` of an outlet, in `unit` where it is given. */
export const askComposite = (connectorId: number, seconds: number, unit?: RateUnit): JsonObject => ({
  connectorId,
  duration: seconds,
  ...(unit && { chargingRateUnit: unit }),
});

/** Undefined where the station rejected it or gave no schedule: nothing is known then, not that there is no limit. */
export function readComposite(answer: JsonObject): CompositeSchedule | undefined {
  const schedule = objectAt(answer, 'chargingSchedule');
  const unit = textAt(schedule, 'chargingRateUnit');
  if (textAt(answer, 'status') !== 'Accepted' || (unit !== 'A' && unit !== 'W')) return undefined;
  const periods = objectsAt(schedule, 'chargingSchedulePeriod')
    .flatMap((period): readonly SchedulePeriod[] => {
      const from = integerAt(period, 'startPeriod');
      const limit = period['limit'];
      const phases = integerAt(period, 'numberPhases');
      if (from === undefined || typeof limit !== 'number' || !Number.isFinite(limit)) return [];
      return [{ from: from * 1000, limit, ...(phases !== undefined && { phases }) }];
    })
    .sort((one, other) => one.from - other.from);
  if (periods.length === 0) return undefined;
  const connectorId = integerAt(answer, 'connectorId');
  const start = timeAt(answer, 'scheduleStart') ?? timeAt(schedule, 'startSchedule');
  const seconds = integerAt(schedule, 'duration');
  return {
    ...(connectorId !== undefined && { connectorId }),
    ...(start !== undefined && { start }),
    ...(seconds !== undefined && { duration: seconds * 1000 }),
    unit,
    periods,
  };
}

/** The limit at `t` (ms UTC by the station's clock); undefined outside of the schedule. */
export function limitAt({ start, duration, periods }: CompositeSchedule, t: number): number | undefined {
  const into = t - (start ?? t);
  if (into < 0 || (duration !== undefined && into >= duration)) return undefined;
  return periods.findLast(({ from }) => from <= into)?.limit;
}
