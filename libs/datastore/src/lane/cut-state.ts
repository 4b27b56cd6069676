import type { OneSample } from '../history/sample-run.js';
import type { Group } from './groups.js';

/** Where the rows of raw samples begin that were not cut yet, and the newest sample of each point before. */
export interface RawState {
  position: number;
  /** Time that had passed at `position`; see `CutState`. */
  elapsed: number;
  t: number;
  last: [handle: number, sample: OneSample][];
}

/** Windows with an end after `bound` were not cut yet; how far source times lie behind the clock of the box, ms. */
export interface WindowState {
  bound: number;
  lag: number;
  lagBefore: number;
}

/** A point that joined a stream. */
export interface Joined {
  readonly handle: number;
  /** Receive time from which on it is given, ms UTC. */
  readonly t: number;
  /** What was committed when the plan changed. */
  readonly at: number;
}

/**
 * Everything that decides how the journal is cut from a boundary on. JSON, so that cutting can go on from it after a
 * restart and give the same batches.
 */
export interface CutState {
  /** Number of the next batch. */
  seq: number;
  /** Behind the mark at the boundary. */
  position: number;
  /** Time of that mark, ms UTC. */
  t: number;
  /** ms that passed by the marks: a clock that is set back takes nothing away. */
  elapsed: number;
  raw: Record<string, RawState>;
  windows: Record<string, WindowState>;
  /** Points that are given from a time on only: those that a change of plan at some position brought. */
  since: Joined[];
}

/** A state that begins at a mark. */
export function beginAt(position: number, t: number, seq: number): CutState {
  return { seq, position, t, elapsed: 0, raw: {}, windows: {}, since: [] };
}

/** The state without samples of some points before `before` (source time, ms UTC). */
export function withoutSamples(state: CutState, handles: ReadonlySet<number>, before: number): CutState {
  const raw = Object.entries(state.raw).map(([key, group]): [string, RawState] => [
    key,
    { ...group, last: group.last.filter(([handle, { t }]) => !handles.has(handle) || t >= before) },
  ]);
  return { ...state, raw: Object.fromEntries(raw) };
}

export function rawState({ raw, position, elapsed, t }: CutState, { key }: Group): RawState {
  return raw[key] ?? { position, elapsed, t, last: [] };
}

export function windowState({ windows, t }: CutState, { key }: Group): WindowState {
  return windows[key] ?? { bound: t, lag: 0, lagBefore: 0 };
}
