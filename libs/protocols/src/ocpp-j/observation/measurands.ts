import type { Unit } from '@smx-edge/model';

/** What a measurand is below a charging outlet (contracts §3). */
export interface Measurand {
  /** Path below the device; a phase follows it where the value has one. */
  readonly path: string;
  readonly unit: Unit;
  /** -1 where what is measured leaves the vehicle: the load convention. */
  readonly sign: 1 | -1;
  /** Which phases may follow the path: of one conductor, or also between two. */
  readonly phases: 'none' | 'lines' | 'pairs';
  /** Whether three phases make the whole where it did not come. */
  readonly isSummed: boolean;
  /** The register that only grows, and the state of charge: what lies outside is no reading. */
  readonly min?: number;
  readonly max?: number;
}

const power = (path: string, unit: Unit, sign: 1 | -1): Measurand =>
  ({ path, unit, sign, phases: 'lines', isSummed: true }) as const;
const energy = (path: string, unit: Unit): Measurand =>
  ({ path, unit, sign: 1, phases: 'lines', isSummed: true, min: 0 }) as const;
const whole = (path: string, unit: Unit): Measurand =>
  ({ path, unit, sign: 1, phases: 'none', isSummed: false, min: 0 }) as const;
const current = (sign: 1 | -1): Measurand =>
  ({ path: 'current', unit: 'A', sign, phases: 'lines', isSummed: false }) as const;
const offered: Measurand = { path: 'current/offered', unit: 'A', sign: 1, phases: 'lines', isSummed: false, min: 0 };
const soc: Measurand = { ...whole('soc', '%'), max: 100 };

/**
 * Measurands that are points (1.6 ed.2 chapter 7 Measurand, 2.0.1 and 2.1 part 2 MeasurandEnumType). Those of intervals, the
 * apparent and net ones, fan speed and what a vehicle asks for are none: registers and momentary values say the same or more.
 */
export const MEASURANDS: Readonly<Record<string, Measurand>> = {
  'Power.Active.Import': power('power/active', 'W', 1),
  'Power.Active.Export': power('power/active', 'W', -1),
  'Power.Reactive.Import': power('power/reactive', 'var', 1),
  'Power.Reactive.Export': power('power/reactive', 'var', -1),
  'Power.Factor': { path: 'power/factor', unit: '1', sign: 1, phases: 'lines', isSummed: false, min: -1, max: 1 },
  'Power.Offered': whole('power/offered', 'W'),
  'Energy.Active.Import.Register': energy('energy/active/import', 'Wh'),
  'Energy.Active.Export.Register': energy('energy/active/export', 'Wh'),
  'Energy.Reactive.Import.Register': energy('energy/reactive/import', 'varh'),
  'Energy.Reactive.Export.Register': energy('energy/reactive/export', 'varh'),
  'Current.Import': current(1),
  'Current.Export': current(-1),
  'Current.Offered': offered,
  Voltage: { path: 'voltage', unit: 'V', sign: 1, phases: 'pairs', isSummed: false, min: 0 },
  Frequency: whole('frequency', 'Hz'),
  Temperature: { path: 'temperature', unit: 'Cel', sign: 1, phases: 'none', isSummed: false },
  SoC: soc,
  // 2.1
  'Power.Import.Offered': whole('power/offered', 'W'),
  'Current.Import.Offered': offered,
  'Display.PresentSOC': soc,
};

/** Of a value without a measurand (1.6 ed.2 chapter 7 SampledValue, 2.0.1 part 2 SampledValueType). */
export const DEFAULT_MEASURAND = 'Energy.Active.Import.Register';

const LINES: Readonly<Record<string, string>> = {
  ...{ L1: 'l1', L2: 'l2', L3: 'l3', N: 'n' },
  ...{ 'L1-N': 'l1', 'L2-N': 'l2', 'L3-N': 'l3' },
};
const PAIRS: Readonly<Record<string, string>> = { 'L1-L2': 'l1-l2', 'L2-L3': 'l2-l3', 'L3-L1': 'l3-l1' };

/** A measurand with its path for each phase that it may have; without a phase under the empty name. */
export interface MeasuredPaths {
  readonly measurand: Measurand;
  readonly paths: ReadonlyMap<string, string>;
}

/** By the name of the measurand: made once, because every value asks for it. */
export const MEASURED: ReadonlyMap<string, MeasuredPaths> = new Map(
  Object.entries(MEASURANDS).map(([name, measurand]) => [name, { measurand, paths: pathsOf(measurand) }]),
);

function pathsOf({ path, phases }: Measurand): ReadonlyMap<string, string> {
  const named = phases === 'none' ? {} : phases === 'lines' ? LINES : { ...LINES, ...PAIRS };
  return new Map([['', path], ...Object.entries(named).map(([phase, name]) => [phase, `${path}/${name}`] as const)]);
}

/** Where it was measured (1.6 ed.2 chapter 7 Location), best first: of two the earlier counts. `Upstream` of 2.1 is not at the outlet. */
export const LOCATIONS: readonly string[] = ['Outlet', 'Cable', 'EV', 'Inlet', 'Body'];
