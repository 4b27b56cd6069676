import type { PointValue } from './point.js';

/** What a command comes to, exactly one of them (contracts §4). */
export const COMMAND_OUTCOMES = ['refused', 'expired', 'verified', 'clamped', 'ignored', 'unverified'] as const;
export type CommandOutcome = (typeof COMMAND_OUTCOMES)[number];

/** How an executed command is over. */
export const COMMAND_ENDS = ['ended', 'superseded', 'cancelled'] as const;
export type CommandEnd = (typeof COMMAND_ENDS)[number];

/** Every stage of a command in the order in which it may come. */
export const COMMAND_STATES = ['received', 'accepted', 'applied', ...COMMAND_OUTCOMES, ...COMMAND_ENDS] as const;
export type CommandState = (typeof COMMAND_STATES)[number];

/** One stage as it is told, on `rsp` and in the answers of the API. */
export interface CommandStage {
  readonly state: CommandState;
  /** ms UTC. */
  readonly t: number;
  /** Asked, and from `applied` on what the device took, in the unit of the point. */
  readonly value: PointValue;
  /** What the point that proves the command said. */
  readonly measured?: PointValue;
  /** Why, where it is not as asked. */
  readonly code?: string;
  readonly reason?: string;
}

/** A command or schedule as the store keeps it: unique by principal and id. */
export interface CommandRow {
  readonly principal: string;
  readonly id: string;
  /** Path of its set-point. */
  readonly point: string;
  /** Nothing of it can happen any more. */
  readonly over: boolean;
  /** When it came, ms UTC. */
  readonly received: number;
  /** The whole of it, JSON. */
  readonly record: unknown;
}

/** A row as the store gives it in a list: later rows have higher numbers. */
export interface ListedCommandRow extends CommandRow {
  readonly seq: number;
}

/** A set-point on which a value other than the default may stand, and that value. */
export interface HeldValue {
  readonly point: string;
  readonly value: PointValue;
}

/** What must be durable together before the box goes on. */
export interface CommandChange {
  readonly rows: readonly CommandRow[];
  /** What may stand on set-points from now on. */
  readonly held?: readonly HeldValue[];
  /** Set-points that are back at their default. */
  readonly freed?: readonly string[];
}

export interface CommandQuery {
  readonly principal?: string;
  readonly point?: string;
  readonly before?: number;
  readonly limit?: number;
}

/** Where commands are kept; every write is durable when resolved. Rejects with SMX_STORE_FAILED. */
export interface CommandShelf {
  /** Keeps a new row, and `held` with it; or gives the row that its principal and id already have. */
  claimCommand(row: CommandRow, held?: HeldValue): Promise<CommandRow | undefined>;
  putCommands(change: CommandChange): Promise<void>;
  findCommand(principal: string, id: string): Promise<CommandRow | undefined>;
  /** Newest first, at most 1000 a call; of one principal, of one set-point and with numbers below `before` where said. */
  commands(query: CommandQuery): Promise<ListedCommandRow[]>;
  /** What a core finds at its start: rows that are not over, and set-points that may not be at their default. */
  openCommands(): Promise<{ readonly rows: readonly CommandRow[]; readonly held: readonly HeldValue[] }>;
}
