import type { Setting } from './options.js';
import type { SpanSums } from './span-sums.js';
import { AT } from './values.js';

const HALF_ROOT_3 = Math.sqrt(3) / 2;

/**
 * Writes the unbalance of the fundamental voltages into a row: negative and zero sequence as shares of the positive one, by
 * symmetrical components (IEC 61000-4-30 §5.7.1). Three wires have no zero sequence that could be seen; one phase has neither.
 */
export function writeUnbalance(row: Float64Array, { real, imaginary }: SpanSums, { wiring }: Setting): void {
  row[AT.negativeSequence] = NaN;
  row[AT.zeroSequence] = NaN;
  if (wiring === 'single') return;
  // against L2 with three wires: what all three voltages share falls out of positive and negative sequence
  const r2 = wiring === '3-wire' ? 0 : real[1]!;
  const i2 = wiring === '3-wire' ? 0 : imaginary[1]!;
  const realSum = (r2 + real[2]!) / 2;
  const imaginarySum = (i2 + imaginary[2]!) / 2;
  const realTurn = HALF_ROOT_3 * (i2 - imaginary[2]!);
  const imaginaryTurn = HALF_ROOT_3 * (r2 - real[2]!);
  const positive = modulus(real[0]! - realSum - realTurn, imaginary[0]! - imaginarySum + imaginaryTurn);
  const negative = modulus(real[0]! - realSum + realTurn, imaginary[0]! - imaginarySum - imaginaryTurn);
  if (positive === 0) return;
  row[AT.negativeSequence] = negative / positive;
  if (wiring === '4-wire')
    row[AT.zeroSequence] = modulus(real[0]! + 2 * realSum, imaginary[0]! + 2 * imaginarySum) / positive;
}

// Math.hypot makes an array of its arguments
function modulus(real: number, imaginary: number): number {
  return Math.sqrt(real * real + imaginary * imaginary);
}
