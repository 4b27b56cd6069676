import { scaleDecimal, scaledUnit, type Unit } from '@smx-edge/model';
import type { SampleValue } from '@smx-edge/extension-api';
import type { DataSet, DataValue } from '@smx-edge/protocols/iec62056-21';
import type { PrintedRegister } from '@smx-edge/protocols/obis-points';

const NOTHING: SampleValue = { value: null, reason: 'empty' };
const UNREADABLE: SampleValue = { value: null, reason: 'not readable' };

/**
 * What a data set says of a register of this name, in the unit of its point. Undefined where it is another register under the
 * same address, as by its unit, or by further values of a number without one.
 */
export function namedValue({ values }: DataSet, register: PrintedRegister): SampleValue | undefined {
  const [first] = values as [DataValue, ...DataValue[]];
  const text = first.value.trim();
  if (register.type === 'string') return text === '' ? NOTHING : { value: text };
  if (first.unit === undefined) return withoutUnit(text, { values, register });
  const scaled = scaledUnit(first.unit);
  if (scaled?.unit !== register.unit) return undefined;
  return text === '' ? NOTHING : plausible(scaleDecimal(text, scaled.exponent), register);
}

function withoutUnit(
  text: string,
  { values, register }: { values: readonly DataValue[]; register: PrintedRegister },
): SampleValue | undefined {
  if (values.length > 1) return undefined;
  if (text === '') return NOTHING;
  if (register.unit === null || register.unit === '1') return plausible(scaleDecimal(text), register);
  const sample = plausible(scaleDecimal(text, scaledUnit(register.printed)?.exponent), register);
  return sample.value === null ? sample : { ...sample, quality: 'uncertain', reason: `unit not printed, taken as ${register.printed}` }; // prettier-ignore
}

function plausible(value: number, { isSigned }: PrintedRegister): SampleValue {
  if (Number.isNaN(value)) return UNREADABLE;
  return value < 0 && !isSigned ? { value: null, reason: 'negative' } : { value };
}

/** What a data set says that has no name: a number only where a unit says so, since digits alone may be an identifier. */
export function plainValue({ values }: DataSet): { readonly sample: SampleValue; readonly unit: Unit | null } {
  const [first] = values as [DataValue, ...DataValue[]];
  const scaled = first.unit === undefined ? undefined : scaledUnit(first.unit);
  const number = scaled === undefined ? NaN : scaleDecimal(first.value.trim(), scaled.exponent);
  if (scaled !== undefined && !Number.isNaN(number)) return { sample: { value: number }, unit: scaled.unit };
  const text = values.map(({ value, unit }) => (unit === undefined ? value : `${value}*${unit}`)).join(')(');
  return { sample: text.trim() === '' ? NOTHING : { value: text }, unit: null };
}
