import { scaledUnit, UNITS, type PointKind, type PointType, type Unit } from '@smx-edge/model';
import { DERIVATIONS } from './derivations.js';
import { ENERGY_ROWS } from './obis-energy.js';
import { MBUS_ROWS, METER_ROWS } from './obis-meter.js';
import { POWER_ROWS } from './obis-power.js';
import type { ObisRow, RowForm } from './obis-row.js';

/** Every object the mapper knows, over all versions and countries: no version setting is needed. */
export const OBIS_TABLE: readonly ObisRow[] = [...METER_ROWS, ...ENERGY_ROWS, ...POWER_ROWS, ...MBUS_ROWS];

/** A point of the meter; `slot` is its index in the arrays of a telegram and never changes while the process runs. */
export interface P1Point {
  readonly slot: number;
  /** Below the meter device: `power/active/import`. */
  readonly path: string;
  readonly unit: Unit | null;
  readonly type: PointType;
  readonly kind: PointKind;
  /** Object that gives it first; absent where it is only computed. */
  readonly obis?: string;
  readonly personal: boolean;
}

const points: P1Point[] = [];
const slots = new Map<string, number>();

type NewPoint = Omit<P1Point, 'slot' | 'personal'> & { readonly personal?: boolean | undefined };

function addPoint(point: NewPoint): number {
  const known = slots.get(point.path);
  if (known !== undefined) return known;
  const slot = points.length;
  slots.set(point.path, slot);
  points.push({ ...point, slot, personal: point.personal === true });
  return slot;
}

function typeOf(form: RowForm): PointType {
  return form === 'octets' || form === 'text' || form === 'switch' ? 'string' : 'number';
}

function unitOf(row: ObisRow): Unit | null {
  if (row.unit === undefined || row.unit === '') return null;
  return row.unit === '1' ? '1' : (scaledUnit(row.unit)?.unit ?? null);
}

for (const row of OBIS_TABLE) {
  if (row.path === undefined) continue;
  const meta = { kind: row.kind ?? 'measurement', obis: row.code, personal: row.personal } as const;
  addPoint({ path: row.path, unit: unitOf(row), type: typeOf(row.form), ...meta });
  if (row.form === 'limiter') {
    addPoint({ path: 'limiter/apparent', unit: 'VA', type: 'number', ...meta });
    addPoint({ path: 'limiter/current', unit: 'A', type: 'number', ...meta });
  }
  if (row.form === 'fuse-pair') addPoint({ path: 'fuse/current/export', unit: 'A', type: 'number', ...meta });
  if (row.form === 'peak-month') addPoint({ path: 'peak/month/at', unit: null, type: 'time', ...meta });
}
for (const { target, plus } of DERIVATIONS) {
  const like = points[slots.get(plus[0]!)!]!;
  addPoint({ path: target, unit: like.unit, type: 'number', kind: like.kind });
}

/** Every point a meter may give, by slot. */
export const P1_POINTS: readonly P1Point[] = points;

/** Slot of a path below the meter device, -1 where there is no such point. */
export function p1Slot(path: string): number {
  return slots.get(path) ?? -1;
}

/** Index of a unit in `UNITS`; -1 for a value without unit. */
export function unitIndex(unit: Unit | null): number {
  return unit === null || unit === '1' ? -1 : UNITS.indexOf(unit);
}
