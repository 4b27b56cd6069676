import type { PointValue } from '@smx-edge/model';
import type { Duration, PointInit } from './point.js';

/** A point that may be commanded. Bounds are in the unit of the point; the host never lets a command past them. */
export interface SetpointInit extends Omit<PointInit, 'kind'> {
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  /** Value in force when no command holds the point. */
  readonly default?: PointValue;
  /** Path below the device of the point that proves a command. */
  readonly verify?: string;
  /** How far that point may be off; default 1 % of the value, at least a step and 0.2 % of the span. */
  readonly tolerance?: number;
  /** How long the device may take until that point shows a command; default 10 s. */
  readonly settle?: Duration;
  /** Least time between two writes to the device; default 1 s. What ends a command does not wait for it. */
  readonly interval?: Duration;
}

/** One value to put on the device. */
export interface SetpointCommand {
  readonly id: string;
  readonly value: PointValue;
  /** End of its lease, ms UTC; absent where the host releases it by itself. */
  readonly until?: number;
  /** Its controller gives a sign of life this often, ms, and two missed end its lease; absent where it gives none. */
  readonly heartbeat?: number;
  readonly reason?: string;
}

/** What became of a command on the device. */
export type SetpointAnswer =
  | { readonly outcome: 'applied'; readonly value: PointValue }
  | { readonly outcome: 'clamped'; readonly value: PointValue }
  | { readonly outcome: 'ignored' }
  | { readonly outcome: 'refused'; readonly code: string; readonly text?: string };

/** Puts a command on the device. A throw counts as refused. */
export type SetpointHandler = (command: SetpointCommand) => SetpointAnswer | Promise<SetpointAnswer>;

/** Puts the default back when no command is left. */
export type SetpointRelease = () => SetpointAnswer | undefined | Promise<SetpointAnswer | undefined>;

/** The device took the value. */
export function applied(value: PointValue): SetpointAnswer {
  return { outcome: 'applied', value };
}

/** The device took another value than asked. */
export function clamped(value: PointValue): SetpointAnswer {
  return { outcome: 'clamped', value };
}

/** The device took the command and did nothing. */
export function ignored(): SetpointAnswer {
  return { outcome: 'ignored' };
}

/** The device, or its connector, would not; `code` is a code of the house or the device's own. */
export function refused(code: string, text?: string): SetpointAnswer {
  return text === undefined ? { outcome: 'refused', code } : { outcome: 'refused', code, text };
}
