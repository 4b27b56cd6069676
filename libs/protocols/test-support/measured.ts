import {
  PowerQuality,
  type IntervalValues,
  type PowerQualityEvent,
  type PowerQualityOptions,
  type Values,
} from '../src/power-quality/index.js';
import { WaveSource, type Wave } from './wave.js';

/** A copy of values that are used again. */
const copy = <V extends Values>(values: V): V => {
  const kept = Object.create(Object.getPrototypeOf(values) as object) as V;
  for (const [name, value] of Object.entries(values))
    Object.assign(kept, {
      [name]:
        value instanceof Float64Array
          ? value.slice()
          : Array.isArray(value)
            ? value.map((row: Float64Array) => row.slice())
            : value,
    });
  return kept;
};

export interface Measured {
  readonly windows: Values[];
  readonly cycles: Values[];
  readonly intervals: IntervalValues[];
  readonly frequencies: { readonly frequency: number; readonly end: number }[];
  readonly events: PowerQualityEvent[];
  readonly begun: string[];
}

export interface MeasureOptions extends Partial<PowerQualityOptions> {
  readonly seconds: number;
  /** ms UTC of the first sample. */
  readonly begin?: number;
  /** Samples lost before block number n. */
  readonly lost?: (n: number) => number;
  readonly size?: number;
}

/** What is measured of a wave. */
export function measure(
  wave: Wave,
  { seconds, begin, lost = () => 0, size = 137, ...options }: MeasureOptions,
): Measured {
  const measured: Measured = { windows: [], cycles: [], intervals: [], frequencies: [], events: [], begun: [] };
  const meter = new PowerQuality(
    { wiring: '4-wire', rate: wave.rate, ...options },
    {
      onWindow: (values) => measured.windows.push(copy(values)),
      onCycle: (values) => measured.cycles.push(copy(values)),
      onInterval: (values) => measured.intervals.push(copy(values)),
      onFrequency: (frequency, end) => measured.frequencies.push({ frequency, end }),
      onEventBegin: ({ kind }) => measured.begun.push(kind),
      onEvent: (event) => measured.events.push(event),
    },
  );
  const source = new WaveSource(wave, begin, size);
  for (let n = 0; source.seconds < seconds; n++) meter.push(source.next(undefined, lost(n)));
  return measured;
}
