import { gzipSync } from 'node:zlib';
import type { EventFile } from '@smx-edge/extension-api';
import type { Stretch } from '../samples/ring.js';
import type { Channels } from '../samples/wiring.js';

/** What a channel resolves (e-MUCS H 1.3 §4): more digits say nothing. */
const PER_VOLT = 40;
const PER_AMPERE = 1000;
const NONE = new Float32Array(0);

type Samples = readonly (number | null)[];

/** A stretch of wave as JSON: V and A by channel, null where a sample was lost; `start` is ms UTC of the first one, `rate` in Hz. */
export interface Waveform {
  readonly start: number;
  readonly rate: number;
  readonly voltage: Readonly<Record<string, Samples>>;
  readonly current: Readonly<Record<string, Samples>>;
}

export function waveformOf(stretch: Stretch, { wiring, voltages, currents }: Channels): Waveform {
  const { start, rate, current } = stretch;
  const voltage = wiring === '3-wire' ? betweenPhases(stretch) : stretch.voltage;
  return {
    start: Math.round(start * 1000) / 1000,
    rate,
    voltage: Object.fromEntries(voltage.map((channel, k) => [voltages[k]!, steps(channel, PER_VOLT)])),
    current: Object.fromEntries(current.map((channel, k) => [currents[k] ?? 'n', steps(channel, PER_AMPERE)])),
  };
}

/**
 * Voltages between phases, each a third of a turn after the one before, as the points are named: l1-l2, l3-l1, l2-l3. Without a neutral the
 * meter measures against phase 2, so of its three channels the middle one says nothing.
 */
function betweenPhases({ voltage: [l1 = NONE, , l3 = NONE] }: Stretch): readonly Float32Array[] {
  return [l1, l3.map((value, n) => value - l1[n]!), l3.map((value) => -value)];
}

/** The same as a file of an event. */
export function waveformFile(waveform: Waveform): EventFile {
  return { name: 'waveform.json.gz', type: 'application/gzip', bytes: gzipSync(JSON.stringify(waveform)) };
}

function steps(channel: Float32Array, per: number): Samples {
  return Array.from(channel, (value) => (Number.isNaN(value) ? null : Math.round(value * per) / per));
}
