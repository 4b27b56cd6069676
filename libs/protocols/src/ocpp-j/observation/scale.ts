import { scaleDecimal, type Unit } from '@smx-edge/model';

interface Scale {
  readonly unit: Unit;
  readonly exponent: number;
}

/** Units of measure as stations write them (1.6 ed.2 chapter 7 UnitOfMeasure, 2.0.1 part 2 appendix 2); 1.6 has `Celcius` in its schema. */
const UNITS: Readonly<Record<string, Scale>> = {
  ...{ wh: { unit: 'Wh', exponent: 0 }, kwh: { unit: 'Wh', exponent: 3 } },
  ...{ varh: { unit: 'varh', exponent: 0 }, kvarh: { unit: 'varh', exponent: 3 } },
  ...{ w: { unit: 'W', exponent: 0 }, kw: { unit: 'W', exponent: 3 } },
  ...{ var: { unit: 'var', exponent: 0 }, kvar: { unit: 'var', exponent: 3 } },
  ...{ a: { unit: 'A', exponent: 0 }, v: { unit: 'V', exponent: 0 } },
  ...{ hertz: { unit: 'Hz', exponent: 0 }, hz: { unit: 'Hz', exponent: 0 } },
  ...{ percent: { unit: '%', exponent: 0 }, '%': { unit: '%', exponent: 0 } },
  ...{ celsius: { unit: 'Cel', exponent: 0 }, celcius: { unit: 'Cel', exponent: 0 } },
};

/** As the standard spells them: what comes nearly always. */
const USUAL: ReadonlyMap<string, Scale> = new Map(
  ['Wh', 'kWh', 'varh', 'kvarh', 'W', 'kW', 'var', 'kvar', 'A', 'V', 'Hertz', 'Percent', 'Celsius'].map((name) => [name, UNITS[name.toLowerCase()]!]), // prettier-ignore
);

/** The other temperature scales: to Celsius, to a hundredth. */
const TEMPERATURES: Readonly<Record<string, (value: number) => number>> = {
  k: (value) => rounded(value - 273.15),
  kelvin: (value) => rounded(value - 273.15),
  fahrenheit: (value) => rounded(((value - 32) * 5) / 9),
};

/** Short enough that its double is the nearest one. */
const PLAIN = /^-?\d{1,9}(\.\d{1,5})?$/;
const DECIMAL = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d{1,3}))?$/;
const MOST_DIGITS = 15;
/** No reading of a charge point is larger. */
const LARGEST = 1e12;

/** How a value is written: its unit, and in 2.x a power of ten. */
export interface Written {
  /** The base unit of the measurand where it is absent, as SampledValue has it for energy. */
  readonly unit: string | undefined;
  readonly multiplier: number;
}

/** `value` (text in 1.6, number in 2.x; some stations swap them) in `unit`, decimal-exact; undefined where it is no number of that unit. */
export function scaleValue(value: unknown, unit: Unit, { unit: name, multiplier }: Written): number | undefined {
  const usual = name === undefined ? undefined : USUAL.get(name);
  if (usual?.unit === unit) return decimal(value, multiplier + usual.exponent);
  const folded = name?.trim().toLowerCase();
  if (folded !== undefined && unit === 'Cel' && Object.hasOwn(TEMPERATURES, folded)) {
    const read = decimal(value, multiplier);
    return read === undefined ? undefined : TEMPERATURES[folded]!(read);
  }
  if (folded === undefined || unit === '1') return decimal(value, multiplier);
  const scale = Object.hasOwn(UNITS, folded) ? UNITS[folded] : undefined;
  return scale?.unit === unit ? decimal(value, multiplier + scale.exponent) : undefined;
}

function decimal(value: unknown, exponent: number): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value);
  if (exponent === 0 && PLAIN.test(text)) return Number(text);
  const match = DECIMAL.exec(text.trim());
  if (match === null || Math.abs(exponent) > MOST_DIGITS) return undefined;
  const shift = Number(match[2] ?? 0) + exponent;
  const exact = scaleDecimal(match[1]!, shift);
  const read = Number.isNaN(exact) ? shortened(match[1]!, shift) : exact;
  return Number.isFinite(read) && Math.abs(read) <= LARGEST ? read : undefined;
}

/** Doubles are written with up to 17 digits, of which 15 are meant. */
function shortened(mantissa: string, shift: number): number {
  const [, digits = '', exponent = '0'] = DECIMAL.exec(Number(mantissa).toPrecision(MOST_DIGITS)) ?? [];
  return scaleDecimal(digits, Number(exponent) + shift);
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
