import { HARMONIC_LIMITS, type Values } from '@smx-edge/protocols/power-quality';
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
  /** % of the fundamental that EN 50160 allows a voltage (§4.2.5, of the 10 min of a week), by the same orders; null of one without a limit. */
  readonly limits: readonly (number | null)[];
}

export function spectrumOf(values: Values, { voltages, currents }: Channels): SpectrumAnswer {
  const { end, orders, voltageHarmonics, currentHarmonics } = values;
  const named = (names: readonly string[], rows: readonly Float64Array[]): SpectrumAnswer['voltage'] =>
    Object.fromEntries(names.map((name, k) => [name, Array.from(rows[k]!.subarray(0, orders + 1), numberOrNull)]));
  const limits = Array.from({ length: orders + 1 }, (_, order) => percentOrNull(HARMONIC_LIMITS.get(order)));
  return {
    end,
    orders,
    voltage: named(voltages, voltageHarmonics),
    current: named(currents, currentHarmonics),
    limits,
  };
}

function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : Number(value.toFixed(4));
}

function percentOrNull(share: number | undefined): number | null {
  return share === undefined ? null : Number((share * 100).toFixed(3));
}
