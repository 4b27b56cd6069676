import type { FrameHead } from '../frame/kind.js';

/** A CALL of this box to a charge point. */
export interface Injection<F> {
  /** As `ownMessageId` makes it; never the same twice on one connection. */
  readonly id: string;
  /** What is sent, as the transport has it. */
  readonly frame: F;
  /** ms until it must have begun; what waits longer is not sent. */
  readonly startWithin?: number;
  /** ms for the answer once it was sent. */
  readonly answerWithin?: number;
  /** Before those that wait without it. */
  readonly goesFirst?: boolean;
}

/**
 * How an injection ended, once for each. `answered`: with a CALLRESULT or CALLERROR; `timeout`: no answer, or (not `wasSent`) no
 * turn in time; `absent`: the charge point went; `busy`: too many wait. What was sent may have been carried out all the same.
 */
export type InjectionEnd<F> =
  | { readonly id: string; readonly status: 'answered'; readonly frame: F; readonly head: FrameHead }
  | { readonly id: string; readonly status: 'timeout' | 'absent' | 'busy'; readonly wasSent: boolean };

/** What one input brings about; the lists are in the order of sending. */
export interface Step<F> {
  readonly toChargePoint: F[];
  readonly toBackEnd: F[];
  readonly ended: InjectionEnd<F>[];
  /** `elapsed` is to be called then at the latest, in the ms of `now`; undefined where nothing waits for time. */
  wakeAt: number | undefined;
}

export interface SchedulerOptions {
  /** ms: longest that an injection is open, and so that a held CALL of the back end waits. */
  readonly answerWithin: number;
  /** ms: longest that an injection waits for its turn. */
  readonly startWithin: number;
  /** ms after which a back end has given up a CALL without an answer: 30 s in most of them. */
  readonly callTimeout: number;
}

/** Bytes of a frame, where frames may be long. */
export type BytesOf<F> = (frame: F) => number;

export const SCHEDULER_DEFAULTS: SchedulerOptions = { answerWithin: 10_000, startWithin: 30_000, callTimeout: 30_000 };

export const emptyStep = <F>(): Step<F> => ({ toChargePoint: [], toBackEnd: [], ended: [], wakeAt: undefined });
