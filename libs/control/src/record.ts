import type { Authority } from '@smx-edge/access';
import {
  COMMAND_OUTCOMES,
  type CommandOutcome,
  type CommandRow,
  type CommandStage,
  type CommandState,
  type PointValue,
} from '@smx-edge/model';

/** One command over its whole life. Times ms UTC, durations ms, values in the unit of the point. */
export interface CommandRecord {
  readonly principal: string;
  /** Unique per principal for 7 days. */
  readonly id: string;
  readonly point: string;
  /** What was asked; null for a limit. */
  readonly value: PointValue;
  /** A limit: it moves nothing, but bounds what others set. */
  readonly limit?: { readonly min?: number; readonly max?: number };
  readonly authority: Authority;
  readonly priority: number;
  readonly received: number;
  /** End of its lease. */
  readonly until: number;
  /** What is left of the lease when it comes; counted by the monotonic clock. */
  readonly lease: number;
  /** `until` was given as a time of day, and follows the wall clock. */
  readonly absolute?: true;
  /** Two of them missed end the lease. */
  readonly hb?: number;
  readonly reason?: string;
  /** Of a value of a schedule: its number there, id of the schedule, and under which that is told. */
  readonly slot?: number;
  readonly series?: string;
  readonly of?: string;
  /** It was, or may have been, put on the device. */
  readonly executed?: true;
  readonly outcome?: CommandOutcome;
  /** All it went through; the last is where it is. */
  readonly stages: readonly CommandStage[];
  readonly over?: true;
}

/** Most stages that are kept of one command: displaced and put back, it may have many. */
const MOST_STAGES = 24;

/** The last stage. */
export function stageOf({ stages }: CommandRecord): CommandStage {
  return stages[stages.length - 1]!;
}

const isOutcome = (state: CommandState): state is CommandOutcome =>
  (COMMAND_OUTCOMES as readonly CommandState[]).includes(state);

/** The record one stage further. The first outcome is the only one. */
export function advanced(record: CommandRecord, stage: CommandStage): CommandRecord {
  const stages = [...record.stages, stage];
  if (stages.length > MOST_STAGES) stages.splice(3, stages.length - MOST_STAGES);
  return { ...record, stages, ...(isOutcome(stage.state) ? { outcome: stage.state } : {}) };
}

/** The record as it was before these of its stages. */
export function without(record: CommandRecord, gone: readonly CommandStage[]): CommandRecord {
  const { outcome, ...rest } = record;
  const stages = record.stages.filter((stage) => !gone.includes(stage));
  const stands = outcome !== undefined && !gone.some(({ state }) => state === outcome);
  return { ...rest, stages, ...(stands ? { outcome } : {}) };
}

export function rowOf(record: CommandRecord): CommandRow {
  const { principal, id, point, received, over } = record;
  return { principal, id, point, received, over: over === true, record };
}

export function recordOf(row: CommandRow): CommandRecord {
  return row.record as CommandRecord;
}

/** The name of a command in the box; ids are unique per principal only. */
export function keyOf(principal: string, id: string): string {
  return `${principal}\n${id}`;
}
