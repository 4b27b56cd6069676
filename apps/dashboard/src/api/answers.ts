import type { PointKind, PointType, PointValue, Quality } from '@smx-edge/model';

/** Answers of the HTTP API, as far as the page shows them. Times are ms UTC. */

export interface Session {
  readonly principal: string;
  readonly role: string;
  readonly manages: readonly string[];
  readonly site: string;
  readonly timezone: string;
  readonly version: string;
}

export interface Point {
  readonly path: string;
  readonly unit: string | null;
  readonly kind: PointKind;
  readonly type: PointType;
  readonly obis: string | null;
  readonly value: PointValue;
  /** 0 = never had a value. */
  readonly t: number;
  readonly quality: Quality;
  readonly reason?: string;
  /** Window in which it is granted, as a duration; absent = as it comes. */
  readonly every?: string;
  readonly as?: string;
  /** Where who asks may command it: bounds in its unit, longest lease as a duration. */
  readonly write?: {
    readonly min?: number;
    readonly max?: number;
    readonly lease: string;
    readonly authority: string;
  };
}

/** A command as it is now; the last stage stands in it. */
export interface Command {
  readonly id: string;
  readonly point: string;
  readonly state: string;
  readonly t: number;
  /** What the device was given. */
  readonly value: PointValue;
  readonly measured?: PointValue;
  readonly code?: string;
  /** Of the last stage. */
  readonly reason?: string;
  readonly asked: PointValue;
  readonly min?: number;
  readonly max?: number;
  readonly principal: string;
  readonly authority: string;
  readonly received: number;
  readonly until: number;
  readonly outcome?: string;
  readonly over: boolean;
  /** As who gave it says. */
  readonly why?: string;
  /** Of a schedule: how many it has. */
  readonly values?: number;
  /** Of a value of a schedule: its number there. */
  readonly slot?: number;
}

/** Set-points in advance that run; `step` ms. */
export interface Schedule {
  readonly id: string;
  readonly point: string;
  readonly start: number;
  readonly step: number;
  readonly values: readonly (number | null)[];
  readonly principal: string;
  readonly authority: string;
  readonly until: number;
}

/** Data of an `event: sample`. */
export interface SampleEvent {
  readonly path: string;
  readonly v: PointValue;
  readonly t: number;
  readonly q: Quality;
  readonly reason?: string;
}

export interface Role {
  readonly role: string;
  readonly purpose: string | null;
  readonly authority: string;
  readonly principals: readonly string[];
}

/** Conditions under which a point is given. */
export interface Form {
  readonly every?: string;
  readonly as?: string;
  readonly delay?: string;
  readonly round?: number;
  readonly interval?: string;
}

export interface Grants extends Role {
  readonly points: readonly (Point & Form)[];
  readonly history: readonly (Form & { readonly path: string })[];
  readonly commands: readonly {
    readonly path: string;
    readonly between: readonly [min: number | null, max: number | null] | null;
    readonly lease: string;
    readonly priority: number;
  }[];
  readonly events: readonly string[];
  readonly profiles: readonly string[];
  readonly calls: readonly string[];
  readonly manages: readonly string[];
  /** Its grants with bounds in time; `hours` of the local day. */
  readonly timed: readonly {
    readonly actions: Readonly<Record<string, readonly string[]>>;
    readonly from: number | null;
    readonly until: number | null;
    readonly hours: readonly [from: string, to: string] | null;
    readonly holds: boolean;
  }[];
}

/** A connection of an instance to its device. */
interface Line {
  readonly source: string;
  readonly status: string;
  readonly text?: string;
}

export interface Instance {
  readonly id: string;
  readonly use: string;
  readonly title?: string;
  readonly version?: string;
  readonly state: string;
  readonly since: number;
  readonly reason?: string;
  readonly code?: string;
  readonly retryAt?: number;
  readonly restarts?: number;
  /** Bytes. */
  readonly memory?: number;
  readonly notices?: readonly string[];
  readonly refusals?: readonly string[];
  readonly status?: { readonly state: string; readonly text?: string };
  readonly lines?: readonly Line[];
}

export interface Link {
  readonly name: string;
  readonly state: string;
  readonly since: number;
  readonly url?: string;
  readonly role?: string;
  readonly protocol?: string;
  readonly code?: string;
  readonly reason?: string;
  readonly retryAt?: number;
  readonly sent?: number;
  readonly dropped?: number;
}

export interface Health {
  readonly status: string;
  readonly since: number;
  readonly parts: Readonly<Record<string, { readonly ok: boolean; readonly text: string }>>;
  readonly problems: readonly { readonly code: string; readonly text: string }[];
}

export interface Verdict {
  readonly ok: boolean;
  readonly entries: number;
  /** Rows of load profiles that verify. */
  readonly rows: number;
  /** What is wrong, in words. */
  readonly faults: readonly string[];
}
