import type { CommandStage, PointValue } from '@smx-edge/model';
import { stageOf, type CommandRecord } from './record.js';
import { isSchedule, type ScheduleRecord } from './schedule.js';

/** A stage as `rsp` carries it (contracts §5). */
export function rspOf(record: CommandRecord, stage: CommandStage): Readonly<Record<string, unknown>> {
  const { slot, of } = record;
  // a schedule is told as a whole under the same name as its values
  const id = isSchedule(record) ? record.name : (of ?? record.id);
  const { state, value, measured, code, reason, t } = stage;
  // members that are undefined do not appear
  return { id, slot, state, value, measured, code, reason, t };
}

/** A command as the API gives it. Times ms UTC. */
export interface CommandAnswer extends CommandStage {
  readonly id: string;
  readonly point: string;
  /** As it was asked; null for a limit, and for a schedule. */
  readonly asked: PointValue;
  readonly min?: number;
  readonly max?: number;
  readonly principal: string;
  readonly authority: string;
  readonly priority: number;
  readonly received: number;
  readonly until: number;
  readonly outcome?: string;
  readonly over: boolean;
  readonly why?: string;
  readonly slot?: number;
  /** Of a schedule: how many it has. */
  readonly values?: number;
  readonly stages: readonly CommandStage[];
}

export function commandAnswer(record: CommandRecord): CommandAnswer {
  const { id, point, value, limit, principal, authority, priority, received, until, outcome, over, reason, slot } =
    record;
  return {
    id,
    point,
    ...stageOf(record),
    asked: value,
    ...limit,
    principal,
    authority,
    priority,
    received,
    until,
    ...(outcome === undefined ? {} : { outcome }),
    over: over === true,
    ...(reason === undefined ? {} : { why: reason }),
    ...(slot === undefined ? {} : { slot }),
    ...(isSchedule(record) ? { values: record.schedule.values.length } : {}),
    stages: record.stages,
  };
}

/** A schedule as the API gives it; `value` and `values` in the unit of the point. */
export interface ScheduleAnswer {
  readonly id: string;
  readonly point: string;
  readonly start: number;
  readonly step: number;
  readonly values: readonly (number | null)[];
  readonly priority: readonly number[] | number;
  readonly principal: string;
  readonly authority: string;
  readonly received: number;
  readonly until: number;
  readonly state: string;
}

export function scheduleAnswer(record: ScheduleRecord): ScheduleAnswer {
  const { name, point, schedule, priority, principal, authority, received, until } = record;
  const { start, step, values } = schedule;
  const { state } = stageOf(record);
  const each = schedule.priority ?? priority;
  return { id: name, point, start, step, values, priority: each, principal, authority, received, until, state };
}
