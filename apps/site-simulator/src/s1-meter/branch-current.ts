import type { HouseSecond } from './house-second.js';
import { signatureOf } from './signatures.js';
import type { Spectrum } from './spectrum.js';

const { abs, hypot, PI } = Math;

/** Fundamental of the current that takes so many W and var, A; less than nothing where power is given. */
export function fundamental(watt: number, reactive: number, volt: number): number {
  return ((watt < 0 ? -1 : 1) * hypot(watt, reactive)) / volt;
}

/**
 * Current of a branch of the house: the harmonics of all that runs there, and the fundamental with which the power of all
 * orders together is what the house counts there.
 */
export function branchCurrent(
  { taken, watt, reactive }: HouseSecond,
  { branch, voltage, highest }: { branch: number; voltage: Spectrum; highest: number },
  into: Spectrum,
): void {
  into.clear();
  const volt = hypot(voltage.re[1]!, voltage.im[1]!);
  for (const each of taken) {
    const [p, q] = [each.watt[branch]!, each.reactive[branch]!];
    if (abs(p) + abs(q) < 1) continue;
    const ampere = fundamental(p, q, volt);
    for (const [order, share, degrees] of signatureOf(each.name, p).harmonics)
      if (order <= highest) into.add(order, share * ampere, (degrees * PI) / 180);
  }
  voltage.drive(into, watt[branch]! - voltage.power(into, 2), reactive[branch]!);
}
