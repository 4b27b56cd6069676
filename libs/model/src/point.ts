/** Value types of a point; `time` is integer milliseconds UTC. */
export const POINT_TYPES = ['number', 'string', 'boolean', 'time', 'numbers'] as const;
export type PointType = (typeof POINT_TYPES)[number];

export const POINT_KINDS = ['measurement', 'counter', 'state', 'setpoint', 'parameter', 'text'] as const;
export type PointKind = (typeof POINT_KINDS)[number];

export type PointValue = number | string | boolean | readonly number[] | null;

/** Bounds of a writable point, in the point's unit. */
export interface SetpointBounds {
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  /** Value in force when no command holds the point. */
  readonly default?: PointValue;
  /** Path of the point that proves a command. */
  readonly verify?: string;
  /** How far that point may be off, in the point's unit. */
  readonly tolerance?: number;
  /** How long the device may take until that point shows a command, ms. */
  readonly settle?: number;
  /** Least ms between two writes to the device. */
  readonly interval?: number;
}

/** What a point is. `path` is `device/quantity…` and never changes for the life of the definition. */
export interface PointDefinition {
  readonly path: string;
  /** Configured device name: the first segment of `path`. */
  readonly device: string;
  /** Instance that declared it; `core` for the box's own points. */
  readonly instance: string;
  /** UCUM unit, null where the value has none. */
  readonly unit: string | null;
  readonly type: PointType;
  readonly kind: PointKind;
  /** OBIS code `1-0:1.8.0` where the standard has one. */
  readonly obis?: string;
  /** Milliseconds after which a value without news turns stale; 0 = never. */
  readonly maxAge: number;
  /** Personal points match only filters without wildcards. */
  readonly personal?: boolean;
  readonly setpoint?: SetpointBounds;
  /** Earlier paths of this point, kept for one major version. */
  readonly aliases?: readonly string[];
}

/** A device as an instance brings it in. */
export interface DeviceRecord {
  readonly name: string;
  readonly instance: string;
  readonly kind: string;
  readonly online: boolean;
  /** Why it is off line, where known. */
  readonly reason?: string;
  /** When `online` last changed, ms UTC. */
  readonly since: number;
  readonly manufacturer?: string;
  readonly model?: string;
  readonly serial?: string;
}

/** Value of a point with its two times (ms UTC) and quality. */
export interface Reading {
  readonly value: PointValue;
  /** Source time: the device's where trusted, else receive time. 0 = never had a value. */
  readonly t: number;
  readonly received: number;
  readonly quality: number;
  /** Why there is no (good) value. */
  readonly reason?: string;
}
