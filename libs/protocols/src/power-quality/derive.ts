import type { Setting } from './options.js';
import { CURRENT_1, NEUTRAL } from './sample-store.js';
import type { SpanSums } from './span-sums.js';
import { writeUnbalance } from './symmetrical.js';
import { AT, type Values } from './values.js';

/** What is known beside the integrals. */
export interface SpanFacts {
  readonly setting: Setting;
  /** Samples per second. */
  readonly rate: number;
  readonly hasNeutral: boolean;
}

/** Makes values of the integrals of a whole number of cycles; harmonics stay as they are. */
export function deriveValues(values: Values, sums: SpanSums, facts: SpanFacts): void {
  const { setting } = facts;
  const { row } = values;
  const { length, square, power } = sums;
  for (let k = 0; k < setting.phases; k++) {
    row[AT.voltage + k] = Math.sqrt(square[k]! / length);
    row[AT.current + k] = Math.sqrt(square[CURRENT_1 + k]! / length);
    // with three wires the middle voltage is not that of a current
    const isPhase = setting.wiring !== '3-wire' || k !== 1;
    row[AT.active + k] = isPhase ? power[k]! / length : NaN;
    row[AT.reactive + k] = isPhase ? fundamentalReactive(sums, k) : NaN;
    row[AT.apparent + k] = isPhase ? row[AT.voltage + k]! * row[AT.current + k]! : NaN;
  }
  row[AT.neutral] = facts.hasNeutral ? Math.sqrt(square[NEUTRAL]! / length) : NaN;
  row[AT.activeTotal] = total(row, AT.active, setting);
  row[AT.reactiveTotal] = total(row, AT.reactive, setting);
  row[AT.apparentTotal] = setting.wiring === '3-wire' ? effectiveApparent(sums) : total(row, AT.apparent, setting);
  row[AT.frequency] = sums.isSynced ? (values.cycles * facts.rate) / length : NaN;
  writeUnbalance(row, sums, setting);
  values.lost = sums.lost / length;
  values.isSynced = sums.isSynced;
}

/** U·I·sin φ of the fundamental (IEEE 1459 §3.1.2.5); each product with cos and sin is length/√2 of the RMS phasor. */
function fundamentalReactive({ real, imaginary, length }: SpanSums, phase: number): number {
  const current = CURRENT_1 + phase;
  return (2 * (imaginary[phase]! * real[current]! - real[phase]! * imaginary[current]!)) / length ** 2;
}

function total(row: Float64Array, at: number, { wiring }: Setting): number {
  if (wiring === 'single') return row[at]!;
  return row[at]! + row[at + 2]! + (wiring === '4-wire' ? row[at + 1]! : 0);
}

/** 3·Ue·Ie of voltages between lines (IEEE 1459 §3.2.2.8). */
function effectiveApparent({ square, length }: SpanSums): number {
  const voltages = square[0]! + square[1]! + square[2]!;
  const currents = square[3]! + square[4]! + square[5]!;
  return Math.sqrt((voltages * currents) / 3) / length;
}
