import type { Decoded } from '@smx-edge/protocols/sunspec';
import type { SetpointInit } from '../../setpoint.js';
import type { HoldRules } from './hold-rules.js';

/** What is asked now, by the name of the set-point, in the unit of its point. */
export type Asked<Name extends string = string> = Readonly<Partial<Record<Name, number>>>;

/** A set-point as the device allows it. */
interface GroupSetpoint extends Required<Pick<SetpointInit, 'unit' | 'min' | 'max'>> {
  /** Path below its device. What the registers show stands beside it under `PATH/held`. */
  readonly path: string;
}

/** Set-points that share registers, and what is written for all of them together. */
export interface SetpointGroup<Wish, Name extends string = string> {
  readonly rules: HoldRules<Wish>;
  /** Undefined where the device does not let itself be controlled by these registers. */
  setpoints(model: Decoded): Readonly<Partial<Record<Name, GroupSetpoint>>> | undefined;
  /** What all that is asked comes to. Rejects with SMX_PROTOCOL_ENCODE where the device does not say what it needs for that. */
  wish(asked: Asked<Name>): Wish | Promise<Wish>;
  /** Whether what is asked comes to something else by now than it did; absent where it never does. Asked with each poll. */
  readonly moves?: (asked: Asked<Name>) => boolean;
  /** What the registers hold the device to; null = to nothing. `asked`: where they are ours. Throws SMX_PROTOCOL_ENCODE. */
  held(model: Decoded, asked?: Asked<Name>): Readonly<Record<Name, number | null>>;
  /** The least difference that the registers can say, in the unit of the points. */
  step(model: Decoded): number;
}
