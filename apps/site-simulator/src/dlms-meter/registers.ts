import type { Data } from '@smx-edge/protocols/cosem';
import { registerObject, type MeterObject } from '@smx-edge/protocols/dlms';
import type { House } from '../house/index.js';
import type { Family } from './family.js';
import { octets, wattHours } from './values.js';

/** Scaler and number of the unit (IEC 62056-6-2 §4.3.2). */
type Scale = readonly [scaler: number, unit: number];

const W: Scale = [0, 27];
const VAR: Scale = [0, 29];
const A: Scale = [-2, 33];
const V: Scale = [-1, 35];
const HZ: Scale = [-2, 44];
const FACTOR: Scale = [-3, 255];
const WH: Scale = [0, 30];
const VARH: Scale = [0, 32];

interface Register {
  /** Value groups C, D and E. */
  readonly code: string;
  /** Base short name, as in the meters of the pilot site. */
  readonly base: number;
  readonly scale: Scale;
  readonly value: (house: House) => Data;
}

const { hypot, round } = Math;

const long = (value: number): Data => ({ type: 'double-long', value: round(value) });
const sum = (values: Float64Array): number => values[0]! + values[1]! + values[2]!;

/** One for each phase: C of l2 and l3 is 20 and 40 higher, the base name 152 and 304. */
function phases(
  [c, base]: readonly [number, number],
  scale: Scale,
  of: (house: House, phase: number) => Data,
): Register[] {
  return [0, 1, 2].map((phase) => ({
    code: `${c + 20 * phase}.7.0`,
    base: base + 152 * phase,
    scale,
    value: (house) => of(house, phase),
  }));
}

/** 1 where nothing flows. */
function factor({ phases: watt, reactive }: House, phase: number): number {
  const apparent = hypot(watt[phase]!, reactive[phase]!);
  return apparent === 0 ? 1 : watt[phase]! / apparent;
}

const INSTANTANEOUS: readonly Register[] = [
  ...phases([32, 27_360], V, ({ grid }, i) => ({ type: 'long-unsigned', value: round(grid.voltage[i]! * 10) })),
  ...phases([31, 27_968], A, ({ grid }, i) => ({ type: 'long-unsigned', value: round(grid.current[i]! * 100) })),
  { code: '14.7.0', base: 28_424, scale: HZ, value: ({ grid }) => ({ type: 'long-unsigned', value: round(grid.frequency * 100) }) }, // prettier-ignore
  { code: '16.7.0', base: 29_488, scale: W, value: ({ meter }) => long(meter.power) },
  ...phases([36, 29_640], W, (house, i) => long(house.phases[i]!)),
  { code: '131.7.0', base: 30_096, scale: VAR, value: ({ reactive }) => long(sum(reactive)) },
];

/** What not every reader wants each second. */
const MORE: readonly Register[] = [
  ...phases([151, 30_248], VAR, (house, i) => long(house.reactive[i]!)),
  ...phases([33, 31_464], FACTOR, (house, i) => ({ type: 'long', value: round(factor(house, i) * 1000) })),
];

const ENERGY: readonly Register[] = [
  { code: '1.8.0', base: 15_160, scale: WH, value: ({ meter }) => wattHours(meter.import.day + meter.import.night) },
  { code: '2.8.0', base: 15_312, scale: WH, value: ({ meter }) => wattHours(meter.export.day + meter.export.night) },
  { code: '3.8.0', base: 15_464, scale: VARH, value: ({ meter }) => wattHours(meter.reactive.import) },
  { code: '4.8.0', base: 15_616, scale: VARH, value: ({ meter }) => wattHours(meter.reactive.export) },
  { code: '1.8.1', base: 15_768, scale: WH, value: ({ meter }) => wattHours(meter.import.day) },
  { code: '1.8.2', base: 15_920, scale: WH, value: ({ meter }) => wattHours(meter.import.night) },
  { code: '2.8.1', base: 16_072, scale: WH, value: ({ meter }) => wattHours(meter.export.day) },
  { code: '2.8.2', base: 16_224, scale: WH, value: ({ meter }) => wattHours(meter.export.night) },
];

/** Instrumentation values and billing registers of the house as they are when they are asked for, load convention. */
export function registers(house: House, { channel }: Family, isFull: boolean): MeterObject[] {
  const instantaneous = isFull ? [...INSTANTANEOUS, ...MORE] : INSTANTANEOUS;
  return [
    ...instantaneous.map((each) => registerOf(house, each, channel)),
    ...ENERGY.map((each) => registerOf(house, each, 0)),
  ];
}

function registerOf(house: House, { code, base, scale, value }: Register, channel: number): MeterObject {
  const [scaler, unit] = scale;
  const at = { name: octets(`1-${channel}:${code}`), baseName: base };
  return registerObject(at, { scaler, unit, value: () => value(house) });
}
