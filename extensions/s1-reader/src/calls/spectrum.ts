import type { Values } from '@smx-edge/protocols/power-quality';
import type { Channels } from '../samples/wiring.js';

/** Harmonics of the last window of 10 or 12 cycles; entry n is of order n, from 0 (direct) to `orders`, the highest that the sample rate carries. */
export interface SpectrumAnswer {
  /** ms UTC of the window's end. */
  readonly end: number;
  readonly orders: number;
  /** V, RMS of subgroups (IEC 61000-4-7 §5.6). */
  readonly voltage: Readonly<Record<string, readonly (number | null)[]>>;
  /** A, the same. */
  readonly current: Readonly<Record<string, readonly (number | null)[]>>;
}

export function spectrumOf(values: Values, { voltages, currents }: Channels): SpectrumAnswer {
  const { end, orders, voltageHarmonics, currentHarmonics } = values;
  const named = (names: readonly string[], rows: readonly Float64Array[]): SpectrumAnswer['voltage'] =>
    Object.fromEntries(names.map((name, k) => [name, Array.from(rows[k]!.subarray(0, orders + 1), numberOrNull)]));
  return { end, orders, voltage: named(voltages, voltageHarmonics), current: named(currents, currentHarmonics) };
}

function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : Number(value.toFixed(4));
}
