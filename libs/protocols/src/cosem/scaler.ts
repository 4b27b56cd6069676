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
