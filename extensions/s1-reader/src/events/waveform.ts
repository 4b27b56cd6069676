import { gzipSync } from 'node:zlib';
import type { EventFile } from '@smx-edge/extension-api';
import type { Stretch } from '../samples/ring.js';
import type { Channels } from '../samples/wiring.js';

/** What a channel resolves (e-MUCS H 1.3 §4): more digits say nothing. */
const PER_VOLT = 40;
const PER_AMPERE = 1000;

type Samples = readonly (number | null)[];

/** A stretch of wave as JSON: V and A by channel, null where a sample was lost; `start` is ms UTC of the first one, `rate` in Hz. */
export interface Waveform {
  readonly start: number;
  readonly rate: number;
  readonly voltage: Readonly<Record<string, Samples>>;
  readonly current: Readonly<Record<string, Samples>>;
}

export function waveformOf({ start, rate, voltage, current }: Stretch, { wiring, currents }: Channels): Waveform {
  return {
    start: Math.round(start * 1000) / 1000,
    rate,
    voltage: Object.fromEntries(
      voltage.flatMap((channel, k) => {
        // without a neutral phase 2 is what is measured against, so its own channel says nothing
        if (wiring === '3-wire') return k === 1 ? [] : [[`l${k + 1}-l2`, steps(channel, PER_VOLT)]];
        return [[`l${k + 1}`, steps(channel, PER_VOLT)]];
      }),
    ),
    current: Object.fromEntries(current.map((channel, k) => [currents[k] ?? 'n', steps(channel, PER_AMPERE)])),
  };
}

/** The same as a file of an event. */
export function waveformFile(waveform: Waveform): EventFile {
  return { name: 'waveform.json.gz', type: 'application/gzip', bytes: gzipSync(JSON.stringify(waveform)) };
}

function steps(channel: Float32Array, per: number): Samples {
  return Array.from(channel, (value) => (Number.isNaN(value) ? null : Math.round(value * per) / per));
}
