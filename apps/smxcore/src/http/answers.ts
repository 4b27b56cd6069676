import type { AuditVerdict } from '@smx-edge/datastore';
import type { InstanceStatus } from '@smx-edge/extension-host';
import type { LinkStatus } from '@smx-edge/northbound';
import type { ErrorDetail, HistoryRow, PointKind, PointType, PointValue, Quality } from '@smx-edge/model';

/** A point as `GET /api/v1/points` gives it; `t` 0 = never had a value. */
export interface PointAnswer {
  readonly path: string;
  readonly unit: string | null;
  readonly kind: PointKind;
  readonly type: PointType;
  readonly obis: string | null;
  readonly value: PointValue;
  /** ms UTC. */
  readonly t: number;
  readonly quality: Quality;
  /** Why there is no (good) value. */
  readonly reason?: string;
  /** Window in which it is granted, as a duration; absent = raw. */
  readonly every?: string;
  readonly as?: string;
  /** When the running window closes (with a delay: is given), ms UTC; absent where values come as they come. */
  readonly next?: number;
  /** Where the asking principal may command it now. */
  readonly write?: WriteAnswer;
}

/** Bounds of grant and device together, in the unit of the point. */
export interface WriteAnswer {
  readonly min?: number;
  readonly max?: number;
  /** Longest a command may hold, as a duration. */
  readonly lease: string;
  readonly authority: string;
}

/** Data of an `event: sample`. */
export interface SampleAnswer {
  readonly path: string;
  readonly v: PointValue;
  readonly t: number;
  readonly q: Quality;
  /** Why there is no (good) value. */
  readonly reason?: string;
}

export interface HistoryAnswer {
  readonly points: Readonly<Record<string, readonly HistoryRow[]>>;
}

/** The one answer that holds a token. `expires` ms UTC, null = never. */
export interface TokenAnswer {
  readonly token: string;
  readonly principal: string;
  readonly role: string;
  readonly expires: number | null;
}

export interface TokenRow {
  readonly principal: string;
  readonly kind: string;
  readonly role: string;
  readonly alias: string | null;
  readonly created: number;
  readonly expires: number | null;
}

/** Who asks. */
export interface SessionAnswer {
  readonly principal: string;
  readonly kind: string;
  readonly role: string;
  /** ms UTC, null = never. */
  readonly expires: number | null;
  /** Areas of the grant `manage`. */
  readonly manages: readonly string[];
  /** Id of the site, or what this principal knows instead of it. */
  readonly site: string;
  /** IANA name of the zone in which the site's days begin. */
  readonly timezone: string;
  readonly version: string;
}

interface GrantedForm {
  readonly every?: string;
  readonly as?: string;
  readonly delay?: string;
  readonly round?: number;
  /** Least time between two changes. */
  readonly interval?: string;
}

/** A role and who acts under it. */
export interface RoleAnswer {
  readonly role: string;
  readonly purpose: string | null;
  readonly authority: string;
  readonly principals: readonly string[];
}

/** A grant that holds at certain times only. */
export interface TimedGrantAnswer {
  /** Filters by action. */
  readonly actions: Readonly<Record<string, readonly string[]>>;
  /** ms UTC, null = no such bound. */
  readonly from: number | null;
  readonly until: number | null;
  /** Part of each local day, `HH:MM`; null = all of it. */
  readonly hours: readonly [from: string, to: string] | null;
  readonly holds: boolean;
}

/** What a role gets right now. */
export interface GrantsAnswer extends RoleAnswer {
  readonly points: readonly (PointAnswer & GrantedForm)[];
  readonly history: readonly (GrantedForm & { readonly path: string })[];
  readonly commands: readonly {
    readonly path: string;
    /** Bounds in the point's unit, null = none. */
    readonly between: readonly [min: number | null, max: number | null] | null;
    readonly lease: string;
    readonly priority: number;
    readonly authority: string;
  }[];
  readonly events: readonly string[];
  readonly profiles: readonly string[];
  readonly calls: readonly string[];
  readonly manages: readonly string[];
  /** Its grants with bounds in time, those that do not hold now included. */
  readonly timed: readonly TimedGrantAnswer[];
}

/** Whether ledger, load profiles and files of events are whole. */
export type LedgerVerdictAnswer = AuditVerdict;

/** What an erasing took away. */
export interface ErasedAnswer {
  readonly points: number;
  readonly samples: number;
  /** 15-minute windows. */
  readonly windows: number;
}

/** State of an instance; one whose config section is broken is `failed` with the problem as its reason. */
export type InstanceAnswer = InstanceStatus;

/** State of a link; one whose config section is broken is `failed` with the problem as its reason. */
export type LinkAnswer =
  | LinkStatus
  | (Pick<LinkStatus, 'name' | 'since'> & {
      readonly state: 'failed';
      readonly code: string;
      readonly reason: string;
    });

/** RFC 9457 problem details with the code of the house. */
export interface ProblemAnswer {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly errors: readonly ErrorDetail[];
}
