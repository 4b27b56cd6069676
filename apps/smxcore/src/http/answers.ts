import type { InstanceStatus } from '@smx-edge/extension-host';
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
}

/** Data of an `event: sample`. */
export interface SampleAnswer {
  readonly path: string;
  readonly v: PointValue;
  readonly t: number;
  readonly q: Quality;
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
}

/** State of an instance; one whose config section is broken is `failed` with the problem as its reason. */
export type InstanceAnswer = InstanceStatus;

/** RFC 9457 problem details with the code of the house. */
export interface ProblemAnswer {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly errors: readonly ErrorDetail[];
}
