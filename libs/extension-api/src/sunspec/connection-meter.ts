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

/** W in the load convention, as the device gives it now. */
export function powerOf({ points }: SunSpecPart): number | null {
  const value = points.find(({ path }) => path === 'power/active')?.value;
  return typeof value === 'number' ? value : null;
}
