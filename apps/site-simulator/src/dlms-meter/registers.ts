import type { Data } from '@smx-edge/protocols/cosem';
import { registerObject, type MeterObject } from '@smx-edge/protocols/dlms';
import { ENERGY, INSTANTANEOUS, MORE, type Quantity } from '../billing/index.js';
import type { House } from '../house/index.js';
import type { Family } from './family.js';
import { octets } from './values.js';

/** How a unit goes on the line: scaler, number of the unit (IEC 62056-6-2 §4.3.2) and type. */
interface Form {
  readonly scaler: number;
  readonly number: number;
  readonly type: 'double-long' | 'double-long-unsigned' | 'long' | 'long-unsigned';
}

const FORMS: Readonly<Record<Quantity['unit'], Form>> = {
  W: { scaler: 0, number: 27, type: 'double-long' },
  var: { scaler: 0, number: 29, type: 'double-long' },
  Wh: { scaler: 0, number: 30, type: 'double-long-unsigned' },
  varh: { scaler: 0, number: 32, type: 'double-long-unsigned' },
  A: { scaler: -2, number: 33, type: 'long-unsigned' },
  V: { scaler: -1, number: 35, type: 'long-unsigned' },
  Hz: { scaler: -2, number: 44, type: 'long-unsigned' },
  '': { scaler: -3, number: 255, type: 'long' },
};

/** Base short names by codes of the first phase, as in the meters of the pilot site. */
const BASES: Readonly<Record<string, number>> = {
  '32.7.0': 27_360,
  '31.7.0': 27_968,
  '14.7.0': 28_424,
  '16.7.0': 29_488,
  '36.7.0': 29_640,
  '131.7.0': 30_096,
  '151.7.0': 30_248,
  '33.7.0': 31_464,
  '1.8.0': 15_160,
  '2.8.0': 15_312,
  '3.8.0': 15_464,
  '4.8.0': 15_616,
  '1.8.1': 15_768,
  '1.8.2': 15_920,
  '2.8.1': 16_072,
  '2.8.2': 16_224,
};
/** From one phase to the next: in value group C, and in the short name. */
const [PHASE, STRIDE] = [20, 152];

/** Instrumentation values and billing registers of the house as they are when they are asked for, load convention. */
export function registers(house: House, { channel }: Family, isFull: boolean): MeterObject[] {
  const instantaneous = isFull ? [...INSTANTANEOUS, ...MORE] : INSTANTANEOUS;
  return [
    ...instantaneous.map((each) => registerOf(house, each, channel)),
    ...ENERGY.map((each) => registerOf(house, each, 0)),
  ];
}

function registerOf(house: House, { code, unit, value }: Quantity, channel: number): MeterObject {
  const { scaler, number, type } = FORMS[unit];
  const at = { name: octets(`1-${channel}:${code}`), baseName: baseOf(code) };
  const now = (): Data => ({ type, value: onLine(value(house), type, scaler) });
  return registerObject(at, { scaler, unit: number, value: now });
}

/** Counters stop at the whole number they have reached, and begin again at 0 when they are full. */
function onLine(value: number, type: Form['type'], scaler: number): number {
  return type === 'double-long-unsigned' ? Math.floor(value) % 2 ** 32 : Math.round(value * 10 ** -scaler);
}

function baseOf(code: string): number {
  const known = BASES[code];
  if (known !== undefined) return known;
  const [c, ...rest] = code.split('.');
  return STRIDE + baseOf([Number(c) - PHASE, ...rest].join('.'));
}
