import type { Aggregate } from '@smx-edge/model';

/** What a grant allows (contracts §2). `history` is granted apart from `read`. */
export const ACTIONS = ['read', 'history', 'command', 'events', 'profiles', 'call', 'manage'] as const;
export type Action = (typeof ACTIONS)[number];

/** Whose command wins, from the strongest (contracts §4). */
export const AUTHORITIES = ['emergency', 'dso', 'owner', 'agent', 'controller'] as const;
export type Authority = (typeof AUTHORITIES)[number];

/** Parts of the box a role may manage; `#` in a grant is all of them. */
export const AREAS = [
  'extensions',
  'links',
  'ledger',
  'users',
  'tokens',
  'grants',
  'config',
  'metrics',
  'health',
] as const;

/** A time of the roles file: ms UTC, or without an offset the wall clock of the site written as if it were UTC. */
export interface Moment {
  readonly t: number;
  readonly local: boolean;
}

/** Part of each local day, ms after midnight: from <= time of day < to, over midnight where `to` < `from`. */
export interface HoursOfDay {
  readonly from: number;
  readonly to: number;
}

export interface Conditions {
  /** Window length, ms; 0 = every sample. */
  readonly every: number;
  /** Window function; absent = mean for measurements, last otherwise. */
  readonly as?: Aggregate;
  /** Age a value must have before it is given, ms. */
  readonly delay: number;
  /** Values are given in multiples of it, in the point's unit; 0 = as they are. */
  readonly round: number;
  /** Least ms between two changes of one point, mean ms between two requests (`max-rate`); 0 = none. */
  readonly interval: number;
  /** Requests that may come at once: N of `max-rate: N/s`. */
  readonly burst?: number;
  /** The grant holds, and data is given, from <= time < until. */
  readonly from?: Moment;
  readonly until?: Moment;
  readonly hours?: HoursOfDay;
  /** Bounds of a commanded value, in the point's unit. */
  readonly between?: readonly [min: number, max: number];
  /** Longest a command may hold, ms. */
  readonly lease?: number;
  /** 0-100 within the authority, the higher wins. */
  readonly priority?: number;
  readonly purpose?: string;
}

/** One list entry of a role: filters by action, under common conditions. */
export interface Grant extends Conditions {
  readonly actions: Readonly<Partial<Record<Action, readonly string[]>>>;
  /** Wildcards reach personal points too. Only the built-in owner has it; no file can say it. */
  readonly personal?: true;
}

export interface Role {
  readonly name: string;
  readonly authority: Authority;
  readonly purpose?: string;
  readonly grants: readonly Grant[];
  /** MQTT topics of devices that log in under this role (contracts §5). */
  readonly mqtt?: { readonly publish: readonly string[]; readonly subscribe: readonly string[] };
}

/** By name, built-in roles included. */
export type Roles = ReadonlyMap<string, Role>;

/** A grant without conditions. */
export const UNCONDITIONAL = { every: 0, delay: 0, round: 0, interval: 0 } as const satisfies Conditions;
