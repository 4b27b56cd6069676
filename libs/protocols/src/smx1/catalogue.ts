import {
  isDeviceName,
  isPointPath,
  parseObis,
  POINT_KINDS,
  POINT_TYPES,
  type PointKind,
  type PointType,
} from '@smx-edge/model';
import { isObject, isOneOf, isText, isWhole, membersOf } from './members.js';

/** A point of another box, as its message `cat` has it. */
export interface CatPoint {
  /** Never used again within an epoch of that box. */
  readonly id: number;
  /** `pcc/power/active`. */
  readonly path: string;
  readonly unit: string | null;
  readonly type: PointType;
  readonly kind: PointKind;
  readonly obis?: string;
  /** Window in ms in which it is granted, 0 = as it comes; absent where it may only be commanded, and no value of it comes. */
  readonly every?: number;
}

export interface CatDevice {
  readonly name: string;
  readonly kind: string;
  readonly online: boolean;
  readonly manufacturer?: string;
  readonly model?: string;
  readonly serial?: string;
}

export interface BoxCatalogue {
  readonly hash: string;
  readonly points: readonly CatPoint[];
  readonly devices: readonly CatDevice[];
  /** Entries that say nothing usable, or a path a second time. */
  readonly skipped: number;
}

/** No box has as many points or devices for one party; what is more is skipped. */
const MOST = 10_000;
const LONGEST_UNIT = 20;
const LONGEST_WORD = 200;

/** Undefined for what is no catalogue of version 1. Entries are taken one by one: one that is damaged hides no other. */
export function decodeCatalogue(text: string): BoxCatalogue | undefined {
  const { v, hash, points, devices } = membersOf(text) ?? {};
  if (v !== 1 || !isText(hash, 64) || !Array.isArray(points)) return undefined;
  const named = new Map<string, CatPoint>();
  for (const raw of points.slice(0, MOST) as unknown[]) {
    const point = pointOf(raw);
    if (point !== undefined && !named.has(point.path)) named.set(point.path, point);
  }
  const listed: readonly unknown[] = Array.isArray(devices) ? devices.slice(0, MOST) : [];
  return {
    hash,
    points: [...named.values()],
    devices: listed.map(deviceOf).filter((device) => device !== undefined),
    skipped: points.length - named.size,
  };
}

function pointOf(raw: unknown): CatPoint | undefined {
  if (!isObject(raw)) return undefined;
  const { id, path, unit, type, kind, obis, every } = raw;
  if (!isWhole(id) || !isText(path, LONGEST_WORD) || !isPointPath(path)) return undefined;
  if (!isOneOf(POINT_TYPES, type) || !isOneOf(POINT_KINDS, kind)) return undefined;
  return {
    ...{ id, path, type, kind },
    unit: isText(unit, LONGEST_UNIT) ? unit : null,
    ...(isText(obis, LONGEST_UNIT * 2) && parseObis(obis) !== undefined && { obis }),
    ...(isWhole(every) && { every }),
  };
}

function deviceOf(raw: unknown): CatDevice | undefined {
  if (!isObject(raw)) return undefined;
  const { name, kind, online, manufacturer, model, serial } = raw;
  if (!isText(name, LONGEST_WORD) || !isDeviceName(name)) return undefined;
  return {
    name,
    kind: isText(kind, LONGEST_WORD) ? kind : 'device',
    online: online === true,
    ...(isText(manufacturer, LONGEST_WORD) && { manufacturer }),
    ...(isText(model, LONGEST_WORD) && { model }),
    ...(isText(serial, LONGEST_WORD) && { serial }),
  };
}
