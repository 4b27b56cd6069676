import { scaleDecimal, type Unit } from '@smx-edge/model';
import type { Data } from '@smx-edge/protocols/cosem';
import { rawOf, textOf, type ScalerUnit } from '../objects/values.js';
import type { Ratios } from '../settings.js';
import { unitOf } from './units.js';

/** What a register says, in the unit of its point; or why there is nothing. */
export type Scaled = { readonly value: number | string } | { readonly reason: string };

/** Unit a point gets of a register: the house's own where the meter gives one it knows. */
export function pointUnit(scale: ScalerUnit | undefined): Unit | null {
  const unit = scale === undefined ? undefined : unitOf(scale.code);
  return unit === undefined ? null : unit;
}

/** `unit`: of the point; a register that has come to give another gives no value. */
export function scaledValue(
  data: Data,
  { scale, unit, ratios }: { scale: ScalerUnit | undefined; unit: Unit | null; ratios: Ratios },
): Scaled {
  if (data.type === 'null-data' || data.type === 'dont-care') return { reason: 'empty' };
  const raw = rawOf(data);
  if (raw === undefined) {
    const text = textOf(data);
    return text === undefined || unit !== null ? { reason: 'not readable' } : { value: text };
  }
  if (scale !== undefined && unit !== null && unitOf(scale.code) !== unit) return { reason: 'in another unit' };
  const scaled = typeof raw === 'number' && !Number.isInteger(raw) ? raw * 10 ** (scale?.scaler ?? 0) : scaleDecimal(raw.toString(), scale?.scaler); // prettier-ignore
  if (!Number.isFinite(scaled)) return { reason: 'more digits than a number holds' };
  return { value: primary(scaled, unit, ratios) };
}

/** The value before the transformers; exact for ratios of whole numbers. */
function primary(value: number, unit: Unit | null, { current, voltage, isSecondary }: Ratios): number {
  if (!isSecondary) return value;
  const ratio = ratioOf(unit, current, voltage);
  return ratio === 1 ? value : Number((value * ratio).toPrecision(15));
}

function ratioOf(unit: Unit | null, current: number, voltage: number): number {
  switch (unit) {
    case 'A':
      return current;
    case 'V':
      return voltage;
    case 'W':
    case 'Wh':
    case 'var':
    case 'varh':
    case 'VA':
    case 'VAh':
      return current * voltage;
    default:
      return 1;
  }
}
