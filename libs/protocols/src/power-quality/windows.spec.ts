import { measure } from '../../test-support/measured.js';
import { house, powerOf, rmsOf, type Channel, type Wave } from '../../test-support/wave.js';
import type { Values } from './index.js';

const farthest = (values: readonly number[], truth: number): number =>
  Math.max(...values.map((value) => Math.abs(value / truth - 1)));

/** Windows without the first, in which the crossings are still sought. */
const settled = (windows: readonly Values[]): readonly Values[] => windows.slice(1);

const RATES = [2000, 2600, 4200];
const FREQUENCIES = [50, 49.87, 47.3, 52.1];

describe('a wave whose truth is known', () => {
  for (const rate of RATES)
    for (const frequency of FREQUENCIES)
      it(`at ${rate} samples per second and ${frequency} Hz: RMS within 0.05 %, P within 0.1 %, frequency within 1 mHz`, () => {
        const wave = house(rate, () => frequency);
        const { cycles, ...measured } = measure(wave, { seconds: 1 });
        const windows = settled(measured.windows);
        expect(windows.length).toBeGreaterThan(2);
        for (const [k, channel] of wave.voltage.entries()) {
          expect(
            farthest(
              windows.map(({ voltage }) => voltage[k]!),
              rmsOf(channel),
            ),
          ).toBeLessThan(5e-4);
          expect(
            farthest(
              cycles.slice(10).map(({ voltage }) => voltage[k]!),
              rmsOf(channel),
            ),
          ).toBeLessThan(5e-4);
        }
        for (const [k, channel] of wave.current.entries()) {
          const values = windows.map(({ current, neutral }) => (k < 3 ? current[k]! : neutral));
          expect(farthest(values, rmsOf(channel))).toBeLessThan(5e-4);
        }
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

  it('is followed while its frequency drifts by 0.5 Hz a second', () => {
    const wave = house(2600, (t) => 49.6 + 0.5 * t);
    const begin = Date.UTC(2026, 0, 12, 9);
    const windows = settled(measure(wave, { seconds: 2, begin }).windows);
    for (const window of windows) {
      const middle = (window.start + window.end) / 2000 - begin / 1000;
      expect(Math.abs(window.frequency - (49.6 + 0.5 * middle))).toBeLessThan(1e-3);
      for (let k = 0; k < 3; k++) {
        expect(Math.abs(window.voltage[k]! / rmsOf(wave.voltage[k]!) - 1)).toBeLessThan(5e-4);
        expect(Math.abs(window.active[k]! / powerOf(wave.voltage[k]!, wave.current[k]!) - 1)).toBeLessThan(1e-3);
      }
    }
  });
});

/** Every order up to the highest, with phases of their own. */
function rich(rate: number, frequency: number, top: number): Wave {
  const wave = house(rate, () => frequency);
  const all = (low: number, high: number): NonNullable<Channel['harmonics']> =>
    Array.from({ length: top - 1 }, (_, k) => [k + 2, [3, 5, 7].includes(k + 2) ? high : low, k]);
  return {
    ...wave,
    voltage: wave.voltage.map((channel) => ({ ...channel, harmonics: all(0.01, 0.04) })),
    current: wave.current.map((channel, k) => (k < 3 ? { ...channel, harmonics: all(0.02, 0.2) } : channel)),
  };
}

describe('harmonics', () => {
  it.each([
    [2600, 50, 25],
    [2600, 50.15, 25],
    [2600, 49.8, 25],
    [4100, 50, 40],
    [4200, 49.9, 40],
    [4200, 50.2, 40],
    [8000, 50.03, 50],
  ])(
    'at %d samples per second and %d Hz are within 0.2 % of the fundamental up to order %d',
    (rate, frequency, top) => {
      const wave = rich(rate, frequency, top);
      const windows = settled(measure(wave, { seconds: 1 }).windows);
      for (const window of windows) {
        expect(window.orders).toBeGreaterThanOrEqual(top);
        for (let k = 0; k < 3; k++) {
          const [u, i] = [wave.voltage[k]!, wave.current[k]!];
          for (const [order, share] of u.harmonics!)
            expect(Math.abs(window.voltageHarmonics[k]![order]! / u.rms - share)).toBeLessThan(2e-3);
          for (const [order, share] of i.harmonics!)
            expect(Math.abs(window.currentHarmonics[k]![order]! / i.rms - share)).toBeLessThan(2e-3);
          const distortion = Math.sqrt(u.harmonics!.reduce((sum, [, share]) => sum + share ** 2, 0));
          expect(Math.abs(window.voltageDistortion[k]! - distortion)).toBeLessThan(2e-3);
        }
      }
    },
  );

  it('are told as far as the sample rate carries them, and not beyond', () => {
    const [window] = settled(measure(house(2600), { seconds: 1 }).windows) as [Values];
    expect(window.orders).toBe(25);
    expect(window.voltageHarmonics[0]![25]).toBeLessThan(0.05);
    expect(window.voltageHarmonics[0]!.slice(26)).toEqual(new Float64Array(25).fill(NaN));
  });

  it('of 60 Hz are those of 12 cycles', () => {
    const wave = rich(4200, 60.05, 30);
    const [window] = settled(measure(wave, { seconds: 1, nominal: 60 }).windows) as [Values];
    expect(window.cycles).toBe(12);
    for (const [order, share] of wave.voltage[0]!.harmonics!)
      expect(Math.abs(window.voltageHarmonics[0]![order]! / 230 - share)).toBeLessThan(2e-3);
  });

  it('take what lies beside an order into its subgroup, and leave out what lies between two', () => {
    const wave = house(2600);
    const channel = { ...wave.voltage[0]!, harmonics: [[5.1, 0.03] as const, [8.5, 0.05] as const] };
    const [window] = settled(
      measure({ ...wave, voltage: [channel, ...wave.voltage.slice(1)] }, { seconds: 1 }).windows,
    ) as [Values];
    expect(window.voltageHarmonics[0]![5]! / 230).toBeCloseTo(0.03, 3);
    expect(window.voltageHarmonics[0]![8]! / 230).toBeLessThan(1e-3);
    expect(window.voltageHarmonics[0]![9]! / 230).toBeLessThan(1e-3);
  });

  it('leave what lies between two orders to the interharmonics', () => {
    const wave = house(2600);
    const u = { ...wave.voltage[0]!, harmonics: [[0.5, 0.02] as const, [5.1, 0.03] as const, [8.5, 0.05] as const] };
    const i = { ...wave.current[1]!, harmonics: [[3.3, 0.1] as const] };
    const [window] = settled(
      measure(
        {
          ...wave,
          voltage: [u, ...wave.voltage.slice(1)],
          current: [wave.current[0]!, i, ...wave.current.slice(2)],
        },
        { seconds: 1 },
      ).windows,
    ) as [Values];
    const between = [...window.voltageInterharmonics[0]!].map((value) => value / 230);
    expect(between[0]).toBeCloseTo(0.02, 3);
    expect(between[8]).toBeCloseTo(0.05, 3);
    for (const n of [1, 4, 5, 7, 9, 24]) expect(between[n]).toBeLessThan(1e-3);
    expect(between.slice(25)).toEqual(Array.from({ length: 26 }, () => NaN));
    expect(window.currentInterharmonics[1]![3]! / 4).toBeCloseTo(0.1, 3);
    expect(window.currentInterharmonics[0]![3]! / 10).toBeLessThan(1e-3);
  });

  it('have a constant part as order 0', () => {
    const wave = house(2600);
    const channel = { ...wave.current[0]!, dc: -0.7 };
    const [window] = settled(
      measure({ ...wave, current: [channel, ...wave.current.slice(1)] }, { seconds: 1 }).windows,
    ) as [Values];
    expect(window.currentHarmonics[0]![0]).toBeCloseTo(0.7, 3);
  });
});
