import type { Frame } from '../frame/frame.js';
import type { JsonObject } from '../json.js';
import type { Observation } from './observation.js';

/** A CALL that was asked, and what was answered to it. */
export interface Answered {
  readonly action: string;
  readonly payload: JsonObject;
  readonly answer: Frame;
}

/** What one family of versions says with its messages. */
export interface Dialect {
  /** CALLs of the charge point whose answers tell something. */
  readonly awaits: readonly string[];
  /** A CALL or SEND of the charge point. */
  call(action: string, payload: JsonObject): readonly Observation[];
  /** The back end answered one. */
  answered(exchange: Answered): readonly Observation[];
}
