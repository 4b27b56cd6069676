import type { CommandState, PointValue } from '@smx-edge/model';

/** A command or schedule as a person or planner asks for it. Times ms UTC, durations ms. */
export interface OrderAsk {
  /** Unique per site, and the same at the box: asked twice it is carried out once. */
  readonly id: string;
  readonly kind: 'command' | 'schedule';
  /** Path of the set-point at the box. */
  readonly point: string;
  /** What goes out besides id, point and times, as the contract names it (contracts §5, `cmd` and `schedule`). */
  readonly body: Readonly<Record<string, unknown>>;
  /** End of its lease, or of its last value. */
  readonly until: number;
  /** The lease ends where this controller is silent for two of them; undefined = it holds without. */
  readonly hb: number | undefined;
}

/** An order as it stands in the record. */
export interface Order {
  readonly site: string;
  readonly id: string;
  readonly kind: OrderAsk['kind'];
  readonly point: string;
  readonly body: OrderAsk['body'];
  readonly issued: number;
  readonly until: number;
  /** How often it was sent; 0: no box can have heard of it. */
  readonly sent: number;
  readonly isCancelled: boolean;
  /** Where it is: `queued` until the box answers. */
  readonly state: CommandState | 'queued' | 'unanswered';
  /** Why it does not go out now; null where nothing is in the way. */
  readonly waits: string | null;
  /** What it came to; null while that is open. */
  readonly outcome: string | null;
}

/** One stage as the box told it (`rsp`). */
export interface OrderStage {
  /** Number of the value of a schedule it is about, from 0; null: about the whole. */
  readonly slot: number | null;
  readonly state: CommandState;
  /** When it was reached, by the clock of the box, ms UTC. */
  readonly t: number;
  readonly value?: PointValue;
  readonly measured?: PointValue;
  readonly code?: string;
  readonly reason?: string;
}

/** Pause before an order without any answer is sent again, ms; each time twice as long, up to the longest. */
export const FIRST_PAUSE = 5000;
export const LONGEST_PAUSE = 300_000;
/** A box knows an id for 7 days (contracts §4): what it said nothing of until then it will not say. */
export const MEMORY = 7 * 86_400_000;
/** An answered order without outcome is asked after again, ms; told as late after as long without outcome. */
export const OUTCOME_TIME = 30_000;
/** A set-point whose device is not on line waits for it this long after the last word of its box; then the box decides, ms. */
export const DEVICE_TIME = 60_000;
/** Orders to a box: one in so many ms, as boxes take them (contracts §4), and so many at once, of the ten that they take. */
export const PACE = 1000;
export const AT_ONCE = 5;
