import { OFF } from './part-points.js';
import type { SunSpecPart } from './parts.js';

/** Units of meters that stand elsewhere than at the connection (Fronius Modbus TCP & RTU, GEN24). */
const FURTHER_METERS = { from: 201, to: 204 };

export const isFurtherMeter = (unit: number): boolean => unit >= FURTHER_METERS.from && unit <= FURTHER_METERS.to;

/** The meter at the connection among those of a source: the first that is found. */
export class ConnectionMeter {
  private unit: number | undefined;

  /** W, positive = imported; null where it gives none now, undefined where it is not behind this unit. */
  power(unit: number, parts: readonly SunSpecPart[]): number | null | undefined {
    if (isFurtherMeter(unit) || (this.unit !== undefined && this.unit !== unit)) return undefined;
    const meter = parts.find(({ kind }) => kind === 'meter');
    if (meter === undefined) return undefined;
    this.unit = unit;
    return powerOf(meter);
  }
}

/**
 * W that an inverter gives now, negative where it draws, as to charge a battery from the grid; undefined where it does not say. One that
 * sleeps gives nothing, also where it shows no power.
 */
export function givenBy(inverter: SunSpecPart): number | undefined {
  const power = powerOf(inverter);
  if (power !== null) return -power + 0;
  return OFF.includes(inverter.points.find(({ path }) => path === 'status')?.value) ? 0 : undefined;
}

/** W in the load convention, as the device gives it now. */
function powerOf({ points }: SunSpecPart): number | null {
  const value = points.find(({ path }) => path === 'power/active')?.value;
  return typeof value === 'number' ? value : null;
}
