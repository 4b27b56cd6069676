import type { PointKind, PointType, PointValue, Quality } from '@smx-edge/model';

/** `10s`, `15m` … as in the configuration, or milliseconds. */
export type Duration = string | number;

/** What a point is. All members but the path have defaults; a second declaration of the same path updates the first. */
export interface PointInit {
  /** UCUM unit (`W Wh var varh VA V A Hz % Cel m3 s 1 By`); null, the default, where the value has none. */
  readonly unit?: string | null;
  /** Default `number`. */
  readonly type?: PointType;
  /** Default by type: `text` for strings, `state` for booleans and times, `counter` for numbers in Wh, varh, VAh, m3 or J, else `measurement`. */
  readonly kind?: PointKind;
  /** OBIS code `1-0:1.8.0` (IEC 62056-61) where the standard has one. */
  readonly obis?: string;
  /** Time without news after which the value turns stale; default three of the device's intervals, at least 10 s; 0 = never. */
  readonly maxAge?: Duration;
  /** Says something about a person: matched only by filters without wildcards. */
  readonly personal?: boolean;
  /** Earlier paths below the same device, kept for one major version. */
  readonly aliases?: readonly string[];
}

export interface SampleInit {
  /** Source time, ms UTC; absent = the receive time. Only a device's own clock belongs here. */
  readonly t?: number;
  /** Default `good`, for a null `bad`; a null said to be `good` is known to be so (a limit that is switched off). */
  readonly quality?: Quality;
  /** Why there is no (good) value; shown to people. */
  readonly reason?: string;
}

/** A value that needs a quality or a reason of its own inside a batch. */
export interface SampleValue extends SampleInit {
  readonly value: PointValue;
}

/** A declared point of a device. */
export interface Point {
  /** Path below the device: `power/active`. */
  readonly path: string;
  /** Whether the host refused it (permission, limit, taken path), and why. */
  readonly refused: string | undefined;
  /**
   * Sets the value, in the unit of the point and the house's load convention (positive = consumed or charged).
   * Null = no value, `bad` unless said to be `good`. NaN, infinities and values of another type become null with a reason.
   * Sets of one turn of the event loop travel together.
   */
  set(value: PointValue, sample?: SampleInit): void;
  /** Takes it off the device; what was kept of it stays in history. Declared anew it is another object of the same path. */
  remove(): void;
}
