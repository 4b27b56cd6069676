import type {
  Aggregate,
  DeviceRecord,
  Disposable,
  HistoryRow,
  LaneForm,
  PointDefinition,
  PrincipalRecord,
  ProfileDefinition,
  Reading,
} from '@smx-edge/model';
import type { Authority } from './role.js';

/** A readable point and the form in which it is given. */
export interface GrantedPoint {
  readonly handle: number;
  readonly definition: PointDefinition;
  /** Window length, ms; 0 = raw. */
  readonly every: number;
  /** Window function; `last` for raw points. */
  readonly as: Aggregate;
  /** ms by which values are held back; 0 = none. */
  readonly delay: number;
  /** Values come in multiples of it; 0 = as they are. */
  readonly round: number;
  /** Least ms between two changes; 0 = none. */
  readonly interval: number;
  /** When the next value comes by time alone (its window closes, its delay is over), ms UTC; undefined where none does. */
  readonly nextAt?: number;
}

/** What a principal may command at one point. */
export interface CommandGrant {
  /** Bounds in the point's unit: those of the grant cut with those of the set-point. */
  readonly between?: [number, number];
  /** Longest a command may hold, ms. */
  readonly lease: number;
  /** 0-100; a command may only lower it. */
  readonly priority: number;
  readonly authority: Authority;
  /** Least ms between two commands at the point; 0 = none. */
  readonly interval: number;
}

/** `from` < t <= `to`, ms UTC. Without `every` the granted form. */
export interface GrantedHistoryQuery {
  readonly match: string;
  readonly from: number;
  readonly to: number;
  readonly every?: number;
  readonly as?: Aggregate;
}

export interface GrantedHistory {
  readonly path: string;
  readonly rows: AsyncIterable<readonly HistoryRow[]>;
}

/** What of one load profile is granted right now. */
export interface ProfileGrant {
  /**
   * How far the hash chain may go out beside the rows: `whole` where every row is granted, `run` where those granted
   * follow one another, `none` where rows between them are held back, which their hashes would let guess.
   */
  readonly chain: 'whole' | 'run' | 'none';
  /** Whether the row of this interval end (ms UTC) may be seen; asked anew, a long answer ends with its grant. */
  sees(end: number): boolean;
  /** See `View.eventDue`. */
  due(end: number): number;
  /** Notes for the ledger that rows of these ends went out. */
  given(from: number, to: number): void;
}

/** Actions that are asked for one request at a time; what points give is limited point by point. */
export type AskedAction = 'events' | 'profiles' | 'call' | 'manage';

/** What the gate must know of a call beside its name. */
export interface CallFacts {
  /** What a grant may narrow it by. */
  readonly detail?: string | undefined;
  /** It tells or decides something about a person: filters with wildcards do not give it. Default false. */
  readonly isPersonal?: boolean;
}

/**
 * Everything one principal may see and do, as its role says right now; denies all once the principal is gone.
 * All readings are in the granted form (contracts §2): window, delay, rounding and rate are already applied.
 */
export interface View {
  readonly principal: PrincipalRecord;
  /** Rises with each change of what this principal may do. */
  readonly revision: number;
  /** A bit test. */
  canRead(handle: number): boolean;
  /** Readable points in order of handle; `match` is a topic filter, or a path or alias. Default all. */
  points(match?: string): GrantedPoint[];
  /** Points that may be read, looked up in history or commanded, in order of handle. */
  reachable(): { readonly handle: number; readonly definition: PointDefinition }[];
  /** Reading in granted form; undefined where not granted. */
  reading(handle: number): Reading | undefined;
  /**
   * Granted readings that changed: indices 0 … n-1 of an array that is reused after the call. A handle may stand twice.
   * The listener reads values by `reading`.
   */
  subscribe(listener: (handles: Int32Array, n: number) => void): Disposable;
  /** Called after `revision` rose: once for what changes in one turn, and before the next changed readings. */
  onRevision(listener: () => void): Disposable;
  /**
   * History in granted form of each matching point with a history grant; others are absent. Throws SMX_ACCESS_TOO_FINE
   * where a finer window than granted is asked for, SMX_ACCESS_DENIED where another window function is.
   */
  history(query: GrantedHistoryQuery): Promise<GrantedHistory[]>;
  /** The finest form in which history of a point is given; undefined where none is. */
  historyForm(handle: number): Omit<GrantedPoint, 'handle' | 'definition' | 'nextAt'> | undefined;
  /**
   * How a stream of committed rows gives a point, undefined where it may not. A point that was removed since is still
   * given: it ended, its grant did not.
   */
  laneForm(handle: number): LaneForm | undefined;
  /** Whether a point that is not readable now will be again by itself, at the edge of a grant. */
  resumes(handle: number): boolean;
  /** Notes for the ledger that values of these points were given other than by `reading`. */
  gave(handles: readonly number[]): void;
  /** Whether an event of this device or point path may be seen; `t` is the event's time, default now. */
  seesEvent(path: string, t?: number): boolean;
  /** When an event of time `t` may be seen, by the grants of now and their delays, ms UTC: -Infinity at once, Infinity never. */
  eventDue(path: string, t?: number): number;
  /** Whether rows of load profile `device/id` may be seen; `t` is the row's end, default now. */
  seesProfile(path: string, t?: number): boolean;
  /** Load profile `device/id`; undefined where none of its rows may be seen. */
  profile(path: string): ProfileGrant | undefined;
  /** Load profiles of which rows may be seen, in order of path; `match` is a topic filter on `device/id`. Default all. */
  profiles(match?: string): ProfileDefinition[];
  /** Devices with a readable point; manufacturer, model and serial only where the device's `serial` point is readable. */
  devices(): DeviceRecord[];
  /** Whether a call of an extension instance is granted as INSTANCE/NAME, or with `detail` as INSTANCE/NAME/DETAIL. */
  canCall(instance: string, name: string, how?: CallFacts): boolean;
  /** `area` as in contracts §2: extensions, links, ledger, users, tokens, grants, config, metrics, health. */
  canManage(area: string): boolean;
  /**
   * Takes one request where `max-rate` limits them: 0 = go ahead, else ms until the next may come. `on` is what is asked:
   * a filter of events or profiles, a call as INSTANCE/NAME(/DETAIL), an area.
   * `isPersonal`: see `CallFacts`. Says nothing of whether it is granted.
   */
  ask(action: AskedAction, on: string, isPersonal?: boolean): number;
  /** The finest command grant at a set-point; undefined where there is none. */
  command(handle: number): CommandGrant | undefined;
  /** Device topics by the role's `mqtt` filters; never the platform's own tree or `$` topics. */
  mqttPublish(topic: string): boolean;
  /** `topic` may also be the filter of a SUBSCRIBE: granted where all it can match is granted. */
  mqttSubscribe(topic: string): boolean;
}
