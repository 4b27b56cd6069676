/** A value as people read it: number and unit apart, so that they can be set differently. */
export interface Shown {
  readonly number: string;
  readonly unit: string;
}

/** Units that are shown in larger steps: [from this much, divided by, decimals, unit]. */
const STEPS: Readonly<Record<string, readonly (readonly [from: number, by: number, digits: number, unit: string])[]>> =
  {
    W: [
      [99_950, 1000, 1, 'kW'],
      [1000, 1000, 2, 'kW'],
      [0, 1, 0, 'W'],
    ],
    var: [
      [1000, 1000, 2, 'kvar'],
      [0, 1, 0, 'var'],
    ],
    VA: [
      [1000, 1000, 2, 'kVA'],
      [0, 1, 0, 'VA'],
    ],
    Wh: [
      [1000, 1000, 1, 'kWh'],
      [0, 1, 0, 'Wh'],
    ],
    varh: [
      [1000, 1000, 1, 'kvarh'],
      [0, 1, 0, 'varh'],
    ],
    By: [
      [1e9, 1e9, 1, 'GB'],
      [1e6, 1e6, 0, 'MB'],
      [0, 1000, 0, 'kB'],
    ],
  };

/** Decimals and sign of other units; UCUM code → [digits, sign]. */
const PLAIN: Readonly<Record<string, readonly [digits: number, unit: string]>> = {
  V: [1, 'V'],
  A: [2, 'A'],
  Hz: [2, 'Hz'],
  '%': [0, '%'],
  Cel: [1, '°C'],
  m3: [3, 'm³'],
  s: [1, 's'],
};

const formats = new Map<string, Intl.NumberFormat>();

function decimal(value: number, language: string, { least, most }: { least: number; most: number }): string {
  const key = `${language} ${least} ${most}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(language, { minimumFractionDigits: least, maximumFractionDigits: most });
    formats.set(key, format);
  }
  // a rounded -0 is no sign of anything
  return format
    .format(value)
    .replace(/^-(?=[0.,]*$)/, '')
    .replace('-', '−');
}

/** A number in its unit (UCUM, null = none) in the words of a language. */
export function quantity(value: number, unit: string | null, language: string): Shown {
  const step = STEPS[unit ?? '']?.find(([from]) => Math.abs(value) >= from);
  if (step !== undefined) {
    const [, by, digits, shown] = step;
    return { number: decimal(value / by, language, { least: digits, most: digits }), unit: shown };
  }
  const [digits, shown] = PLAIN[unit ?? ''] ?? [undefined, unit === '1' ? '' : (unit ?? '')];
  return { number: decimal(value, language, { least: digits ?? 0, most: digits ?? 3 }), unit: shown };
}

/** The same as one text; a narrow space keeps number and unit together. */
export function quantityText(value: number, unit: string | null, language: string): string {
  const shown = quantity(value, unit, language);
  return shown.unit === '' ? shown.number : `${shown.number}\u202f${shown.unit}`;
}
