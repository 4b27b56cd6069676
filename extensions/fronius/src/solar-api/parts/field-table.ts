import type { SunSpecPoint } from '@smx-edge/extension-api/sunspec';
import type { Quantity } from '@smx-edge/protocols/solar-api';

type Named<K extends string> = Readonly<Partial<Record<K, Quantity>>>;

/** Path of a quantity below its device; `-1` turns its sign on the wire into the load convention of the house. */
export type Paths<K extends string> = Readonly<Partial<Record<K, readonly [path: string, sign?: -1]>>>;

const REASONS = {
  null: 'the inverter gives no value now',
  'not a number': 'what the inverter gives is no number',
  implausible: 'what the inverter gives cannot be',
  unit: 'the inverter gives it in another unit',
} as const;

/** One quantity as a point; null with a reason where the device had none. */
export function pointOf(path: string, quantity: Quantity, sign = 1): SunSpecPoint {
  const { unit, value } = quantity;
  if (value === null) return { path, unit, value, quality: 'bad', reason: REASONS[quantity.reason] };
  return { path, unit, value: sign * value + 0, quality: 'good' };
}

/** The points of a table of which the device said something. */
export function pointsOf<K extends string>(quantities: Named<K>, paths: Paths<K>): SunSpecPoint[] {
  const points: SunSpecPoint[] = [];
  for (const name in paths) {
    const quantity = quantities[name];
    const [path, sign = 1] = paths[name]!;
    if (quantity !== undefined) points.push(pointOf(path, quantity, sign));
  }
  return points;
}

export const textPoint = (path: string, value: string | undefined): SunSpecPoint[] =>
  value === undefined ? [] : [{ path, unit: null, value, quality: 'good' }];
