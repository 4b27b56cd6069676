import type { Address } from '../line/index.js';
import { invalid, type Fields } from './fields.js';

/** Names of meters and devices. */
export const NAME = /^[a-z0-9][a-z0-9-]{0,30}$/;

/** What every meter of the site is told, whatever it speaks. */
export interface MeterBasics {
  readonly name: string;
  readonly address: Address;
  readonly seed: number;
}

const SERIAL = /^\d{1,12}$/;
const MOST_DAYS = 400;

/** Number of a billing meter. Throws SMX_CONFIG_INVALID. */
export function serialOf(fields: Fields): string {
  const serial = fields.text('serial') ?? '53078125';
  if (!SERIAL.test(serial)) throw invalid(fields.at('serial'), 'up to twelve digits', serial);
  return serial;
}

/** Days of load profile that a billing meter has before the house began. Throws SMX_CONFIG_INVALID. */
export const daysOf = (fields: Fields): number => fields.number('days', { min: 1, max: MOST_DAYS }) ?? 92;
