import type { CommandRecord } from './record.js';

/** Set-points in advance: one value after another, each for a step. Times ms UTC, durations ms. */
export interface Schedule {
  readonly start: number;
  readonly step: number;
  /** In the unit of the point; null = none of this party's while it lasts. */
  readonly values: readonly (number | null)[];
  /** Of each value; absent = that of the grant. */
  readonly priority?: readonly number[];
}

/** A schedule as it is kept: a command whose value changes. */
export interface ScheduleRecord extends CommandRecord {
  /** Under which it is told; a SenML pack has the same for each day. */
  readonly name: string;
  readonly schedule: Schedule;
}

export function isSchedule(record: CommandRecord): record is ScheduleRecord {
  return 'schedule' in record && typeof record.schedule === 'object';
}

export function scheduleEnd({ start, step, values }: Schedule): number {
  return start + step * values.length;
}

/** Number of the value that counts at `t`; undefined before the first and after the last. A step is real time, whatever clocks show. */
export function slotAt({ start, step, values }: Schedule, t: number): number | undefined {
  const slot = Math.floor((t - start) / step);
  return slot >= 0 && slot < values.length ? slot : undefined;
}

/** When another value counts, after `t`; Infinity where none will. */
export function nextChange(schedule: Schedule, t: number): number {
  const { start, step } = schedule;
  if (t < start) return start;
  if (t >= scheduleEnd(schedule)) return Infinity;
  return start + step * (Math.floor((t - start) / step) + 1);
}
