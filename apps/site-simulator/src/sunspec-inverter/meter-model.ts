import type { House } from '../house/index.js';
import type { Measured } from './inverter-models.js';

const { abs, hypot, sign } = Math;
const PHASES = ['A', 'B', 'C'] as const;

/**
 * Models 203 and 213 of the meter at the connection: positive = from the grid, currents with the sign of their power; a power
 * factor of 1 is `unity`, which is 100 in integers and 1 in floats.
 */
export function meterMeasures({ meter, phases, reactive, grid }: House, unity: 1 | 100): Measured {
  const volt = [...grid.voltage];
  const apparent = PHASES.map((_, i) => hypot(phases[i]!, reactive[i]!));
  const ampere = PHASES.map((_, i) => sign(phases[i]!) * grid.current[i]!);
  const sum = (each: ArrayLike<number>): number => each[0]! + each[1]! + each[2]!;
  const mean = (each: ArrayLike<number>): number => sum(each) / PHASES.length;
  const between = [0, 1, 2].map((i) => grid.between(i, (i + 1) % 3));
  const factor = (watt: number, voltAmpere: number): number =>
    voltAmpere === 0 ? unity : (unity * abs(watt)) / voltAmpere;
  const per = (name: string, each: ArrayLike<number>): Record<string, number> =>
    Object.fromEntries(PHASES.map((phase, i) => [`${name}ph${phase}`, each[i]!]));
  const values = {
    ...{ A: sum(ampere), ...per('A', ampere) },
    ...{ PhV: mean(volt), ...per('PhV', volt), PPV: mean(between) },
    // the models of integers and of floats call these by different names
    ...{ PhVphAB: between[0]!, PhVphBC: between[1]!, PhVphCA: between[2]! },
    ...{ PPVphAB: between[0]!, PPVphBC: between[1]!, PPVphCA: between[2]!, Hz: grid.frequency },
    ...{ W: meter.power, ...per('W', phases), VA: sum(apparent), ...per('VA', apparent) },
    ...{ VAR: sum(reactive), ...per('VAR', reactive), PF: factor(meter.power, sum(apparent)) },
    ...per('PF', PHASES.map((_, i) => factor(phases[i]!, apparent[i]!))), // prettier-ignore
    ...{ TotWhExp: meter.wattHours('export'), TotWhImp: meter.wattHours('import'), Evt: 0 },
  };
  return { values, blocks: [] };
}
