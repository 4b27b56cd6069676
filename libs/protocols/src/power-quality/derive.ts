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
  const { length, square } = sums;
  for (let k = 0; k < setting.phases; k++) {
    row[AT.voltage + k] = Math.sqrt(square[k]! / length);
    row[AT.current + k] = Math.sqrt(square[CURRENT_1 + k]! / length);
  }
  row[AT.neutral] = facts.hasNeutral ? Math.sqrt(square[NEUTRAL]! / length) : NaN;
  writePowers(row, sums, setting);
  if (setting.wiring === '3-wire') writeEffectiveApparent(row, sums);
  row[AT.frequency] = sums.isSynced ? (values.cycles * facts.rate) / length : NaN;
  writeUnbalance(row, sums, setting);
  values.lost = sums.lost / length;
  values.isSynced = sums.isSynced;
}

/** Powers of each phase and of all; the reactive one is U·I·sin φ of the fundamental (IEEE 1459 §3.1.2.5). */
function writePowers(row: Float64Array, sums: SpanSums, { phases, wiring }: Setting): void {
  const { length, power, real, imaginary } = sums;
  let active = 0;
  let reactive = 0;
  let apparent = 0;
  for (let k = 0; k < phases; k++) {
    // with three wires the middle voltage is not that of a current
    if (wiring === '3-wire' && k === 1) continue;
    const i = CURRENT_1 + k;
    // each product with cos and sin is length/√2 of the RMS phasor
    const turned = imaginary[k]! * real[i]! - real[k]! * imaginary[i]!;
    active += row[AT.active + k] = power[k]! / length;
    reactive += row[AT.reactive + k] = (2 * turned) / (length * length);
    apparent += row[AT.apparent + k] = row[AT.voltage + k]! * row[AT.current + k]!;
  }
  row[AT.activeTotal] = active;
  row[AT.reactiveTotal] = reactive;
  row[AT.apparentTotal] = apparent;
}

/** 3·Ue·Ie of voltages between lines (IEEE 1459 §3.2.2.8). */
function writeEffectiveApparent(row: Float64Array, { square, length }: SpanSums): void {
  const voltages = square[0]! + square[1]! + square[2]!;
  const currents = square[3]! + square[4]! + square[5]!;
  row[AT.apparentTotal] = Math.sqrt((voltages * currents) / 3) / length;
}
