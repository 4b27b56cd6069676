import { house, powerOf, rmsOf, WaveSource, type Wave } from '../../test-support/wave.js';
import { PowerQuality, type PowerQualityOptions, type Values } from './index.js';

interface Kept {
  readonly voltage: number[];
  readonly current: number[];
  readonly active: number[];
  readonly reactive: number[];
  readonly frequency: number;
  readonly values: Values;
  readonly harmonics: number[][];
  readonly start: number;
  readonly end: number;
}

const keep = (values: Values): Kept => ({
  voltage: [...values.voltage],
  current: [...values.current, values.neutral],
  active: [...values.active],
  reactive: [...values.reactive],
  frequency: values.frequency,
  harmonics: [...values.voltageHarmonics, ...values.currentHarmonics].map((row) => [...row]),
  start: values.start,
  end: values.end,
  values: Object.assign(Object.create(Object.getPrototypeOf(values) as object) as Values, values, {
    row: values.row.slice(),
  }),
});

/** Windows of a wave, without the first ones in which the crossings are still sought. */
function measure(
  wave: Wave,
  seconds: number,
  options: Partial<PowerQualityOptions> = {},
): { windows: Kept[]; cycles: Kept[] } {
  const windows: Kept[] = [];
  const cycles: Kept[] = [];
  const meter = new PowerQuality(
    { wiring: '4-wire', rate: wave.rate, ...options },
    { onWindow: (values) => windows.push(keep(values)), onCycle: (values) => cycles.push(keep(values)) },
  );
  const source = new WaveSource(wave, undefined, 137);
  while (source.seconds < seconds) meter.push(source.next());
  return { windows: windows.slice(1), cycles: cycles.slice(10) };
}

const farthest = (values: readonly number[], truth: number): number =>
  Math.max(...values.map((value) => Math.abs(value / truth - 1)));

const RATES = [2000, 2600, 4100, 4200];
const FREQUENCIES = [50, 49.87, 50.13, 47.3, 52.1];

describe('windows of 10 cycles of a wave whose truth is known', () => {
  for (const rate of RATES)
    for (const frequency of FREQUENCIES)
      it(`at ${rate} samples per second and ${frequency} Hz: RMS within 0.05 %, P within 0.1 %, frequency within 1 mHz`, () => {
        const wave = house(rate, () => frequency);
        const { windows, cycles } = measure(wave, 2);
        expect(windows.length).toBeGreaterThan(6);
        for (const [k, channel] of wave.voltage.entries()) {
          expect(
            farthest(
              windows.map(({ voltage }) => voltage[k]!),
              rmsOf(channel),
            ),
          ).toBeLessThan(5e-4);
          expect(
            farthest(
              cycles.map(({ voltage }) => voltage[k]!),
              rmsOf(channel),
            ),
          ).toBeLessThan(5e-4);
        }
        for (const [k, channel] of wave.current.entries())
          expect(
            farthest(
              windows.map(({ current }) => current[k]!),
              rmsOf(channel),
            ),
          ).toBeLessThan(5e-4);
        for (let k = 0; k < 3; k++) {
          const [u, i] = [wave.voltage[k]!, wave.current[k]!];
          expect(
            farthest(
              windows.map(({ active }) => active[k]!),
              powerOf(u, i),
            ),
          ).toBeLessThan(1e-3);
          expect(
            farthest(
              windows.map(({ reactive }) => reactive[k]!),
              u.rms * i.rms * Math.sin(0.4),
            ),
          ).toBeLessThan(1e-3);
        }
        for (const window of windows) expect(Math.abs(window.frequency - frequency)).toBeLessThan(1e-3);
      });
});
