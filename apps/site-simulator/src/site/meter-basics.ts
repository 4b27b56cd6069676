import type { Address } from '../line/index.js';

/** What every meter of the site is told, whatever it speaks. */
export interface MeterBasics {
  readonly name: string;
  readonly address: Address;
  readonly seed: number;
}
