/**
 * Decimal text to a number without float drift: `01.001` with exponent 3 is exactly 1001.
 * Grammar: optional sign, digits with at most one point. Returns NaN for anything else, and where the result
 * has more than 15 significant digits to keep.
 */
export function scaleDecimal(text: string, exponent = 0): number {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text)) return NaN;
  const point = text.indexOf('.');
  const decimals = point < 0 ? 0 : text.length - point - 1;
  const scaled = Number(point < 0 ? text : text.slice(0, point) + text.slice(point + 1));
  if (!Number.isSafeInteger(scaled)) return NaN;
  const shift = exponent - decimals;
  // one correctly rounded operation, or none: the nearest double of the exact decimal
  const value = shift >= 0 ? scaled * 10 ** shift : scaled / 10 ** -shift;
  return value === 0 ? 0 : value;
}

/** `value` to the nearest multiple of `step` (above 0), halves up, without float drift: 0.29 in steps of 0.1 is 0.3. */
export function roundTo(value: number, step: number): number {
  const count = Math.round(value / step);
  if (!Number.isFinite(count)) return value;
  // what the double `step` stands for is a decimal; 15 digits bring the product back to the nearest one
  const rounded = Number.isInteger(step) ? count * step : Number((count * step).toPrecision(15));
  return rounded === 0 ? 0 : rounded;
}

/**
 * raw × 10^scaler as decimal text, exact for every number of digits: 2301 with -1 is `230.1`, 13 with 3 is `13000`.
 * As billing values are kept.
 */
export function decimalText(raw: number | bigint, scaler: number): string {
  const text = raw.toString();
  const isNegative = text.startsWith('-');
  const digits = isNegative ? text.slice(1) : text;
  const sign = isNegative ? '-' : '';
  if (scaler >= 0) return digits === '0' ? '0' : `${sign}${digits}${'0'.repeat(scaler)}`;
  const padded = digits.padStart(1 - scaler, '0');
  return `${sign}${padded.slice(0, scaler)}.${padded.slice(scaler)}`;
}
