import { listOf, numberOf, textOf, timeOf, wholeOf, type JsonObject } from '../ocpp/index.js';
import type { ChargingProfile, ProfilePeriod, Purpose } from './charging-profile.js';

const HOUR = 3_600_000;
const CYCLES: Readonly<Record<string, number>> = { Daily: 24 * HOUR, Weekly: 168 * HOUR };
const KINDS = ['Absolute', 'Recurring', 'Relative'] as const;

/** Names of 2.0.1 that 1.6 has otherwise. */
const PURPOSES: Readonly<Record<string, Purpose>> = {
  ChargePointMaxProfile: 'ChargePointMaxProfile',
  ChargingStationMaxProfile: 'ChargePointMaxProfile',
  TxDefaultProfile: 'TxDefaultProfile',
  TxProfile: 'TxProfile',
};

export const purposeOf = (word: string | undefined): Purpose | undefined =>
  word !== undefined && Object.hasOwn(PURPOSES, word) ? PURPOSES[word] : undefined;

interface Place {
  readonly connector: number;
  /** ms UTC, from which a schedule without a start counts. */
  readonly now: number;
}

/** A profile of 1.6 or 2.0.1, of which the first schedule counts; undefined for what is none. */
export function readProfile(data: JsonObject, { connector, now }: Place): ChargingProfile | undefined {
  const id = wholeOf(data, 'chargingProfileId') ?? wholeOf(data, 'id');
  const stackLevel = wholeOf(data, 'stackLevel');
  const purpose = purposeOf(textOf(data, 'chargingProfilePurpose'));
  const kind = KINDS.find((each) => each === data['chargingProfileKind']);
  const { chargingSchedule } = data;
  const [schedule] = listOf({ schedules: Array.isArray(chargingSchedule) ? chargingSchedule : [chargingSchedule] }, 'schedules'); // prettier-ignore
  if (id === undefined || stackLevel === undefined || purpose === undefined || kind === undefined || !schedule) return undefined; // prettier-ignore
  const unit = textOf(schedule, 'chargingRateUnit');
  const periods = listOf(schedule, 'chargingSchedulePeriod').map(periodOf);
  if ((unit !== 'A' && unit !== 'W') || periods.some((each) => each === undefined)) return undefined;
  const cycle = CYCLES[textOf(data, 'recurrencyKind') ?? ''];
  const transactionId = wholeOf(data, 'transactionId')?.toString() ?? textOf(data, 'transactionId');
  const [validFrom, validTo] = [timeOf(data, 'validFrom'), timeOf(data, 'validTo')];
  const duration = numberOf(schedule, 'duration');
  return {
    ...{ id, connector, purpose, stackLevel, kind, unit, periods: periods as ProfilePeriod[] },
    ...(kind !== 'Relative' && { start: timeOf(schedule, 'startSchedule') ?? validFrom ?? now }),
    ...(cycle !== undefined && { cycle }),
    ...(validFrom !== undefined && { validFrom }),
    ...(validTo !== undefined && { validTo }),
    ...(transactionId !== undefined && { transactionId }),
    ...(duration !== undefined && { duration: duration * 1000 }),
  };
}

function periodOf(data: JsonObject): ProfilePeriod | undefined {
  const from = numberOf(data, 'startPeriod');
  const limit = numberOf(data, 'limit');
  const phases = wholeOf(data, 'numberPhases');
  if (from === undefined || limit === undefined || limit < 0) return undefined;
  return { from: from * 1000, limit, ...(phases !== undefined && phases >= 1 && phases <= 3 && { phases }) };
}
