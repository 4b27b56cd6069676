import type { House } from '../house/index.js';

/** Something a billing meter measures or counts. */
export interface Quantity {
  /** Value groups C, D and E of its OBIS code. */
  readonly code: string;
  /** Empty for a factor. */
  readonly unit: 'V' | 'A' | 'Hz' | 'W' | 'var' | 'Wh' | 'varh' | '';
  /** As the house is now, load convention. */
  readonly value: (house: House) => number;
}

const { hypot } = Math;

const sum = (values: Float64Array): number => values[0]! + values[1]! + values[2]!;

/** One for each phase: C of l2 and l3 is 20 and 40 higher. */
function phases(c: number, unit: Quantity['unit'], of: (house: House, phase: number) => number): Quantity[] {
  return [0, 1, 2].map((phase) => ({ code: `${c + 20 * phase}.7.0`, unit, value: (house) => of(house, phase) }));
}

/** 1 where nothing flows. */
function factor({ phases: watt, reactive }: House, phase: number): number {
  const apparent = hypot(watt[phase]!, reactive[phase]!);
  return apparent === 0 ? 1 : watt[phase]! / apparent;
}

/** The twelve that are read each second. */
export const INSTANTANEOUS: readonly Quantity[] = [
  ...phases(32, 'V', ({ grid }, i) => grid.voltage[i]!),
  ...phases(31, 'A', ({ grid }, i) => grid.current[i]!),
  { code: '14.7.0', unit: 'Hz', value: ({ grid }) => grid.frequency },
  { code: '16.7.0', unit: 'W', value: ({ meter }) => meter.power },
  ...phases(36, 'W', (house, i) => house.phases[i]!),
  { code: '131.7.0', unit: 'var', value: ({ reactive }) => sum(reactive) },
];

/** What not every reader wants each second. */
export const MORE: readonly Quantity[] = [
  ...phases(151, 'var', (house, i) => house.reactive[i]!),
  ...phases(33, '', factor),
];

/** Registers. */
export const ENERGY: readonly Quantity[] = [
  { code: '1.8.0', unit: 'Wh', value: ({ meter }) => meter.wattHours('import') },
  { code: '2.8.0', unit: 'Wh', value: ({ meter }) => meter.wattHours('export') },
  { code: '3.8.0', unit: 'varh', value: ({ meter }) => meter.reactive.import / 3600 },
  { code: '4.8.0', unit: 'varh', value: ({ meter }) => meter.reactive.export / 3600 },
  { code: '1.8.1', unit: 'Wh', value: ({ meter }) => meter.import.day / 3600 },
  { code: '1.8.2', unit: 'Wh', value: ({ meter }) => meter.import.night / 3600 },
  { code: '2.8.1', unit: 'Wh', value: ({ meter }) => meter.export.day / 3600 },
  { code: '2.8.2', unit: 'Wh', value: ({ meter }) => meter.export.night / 3600 },
];
