import fc from 'fast-check';
import { coverage, EnergyIntegral, wattHours, type IntegralState } from './energy-integral.js';

const HOUR = 3_600_000;
const integrate = (gap: number, samples: readonly (readonly [power: number, elapsed: number])[]): EnergyIntegral => {
  const integral = new EnergyIntegral(gap);
  for (const [power, elapsed] of samples) integral.take(power, elapsed, 0);
  return integral;
};
const whOf = (integral: EnergyIntegral): readonly [number, number] => {
  const { positive, negative } = integral.state()!;
  return [wattHours(positive), wattHours(negative)];
};

describe('an energy integral', () => {
  it('is the area below the straight lines between samples, each direction by itself', () => {
    expect(whOf(integrate(HOUR, [[1000, NaN], [2000, HOUR]]))).toEqual([1500, 0]); // prettier-ignore
    expect(whOf(integrate(HOUR, [[-1000, NaN], [-2000, HOUR]]))).toEqual([0, 1500]); // prettier-ignore
    // from 3000 W to -1000 W zero is crossed after three quarters of the time
    expect(whOf(integrate(HOUR, [[3000, NaN], [-1000, HOUR]]))).toEqual([1125, 125]); // prettier-ignore
    expect(whOf(integrate(HOUR, [[-1000, NaN], [0, HOUR], [1000, HOUR]]))).toEqual([500, 500]); // prettier-ignore
  });

  it('adds nothing over a gap but the time that is missed, nor for samples out of order', () => {
    const integral = integrate(10_000, [[3600, NaN], [3600, 10_000], [3600, 10_001], [9e9, 0], [9e9, -5], [3600, 5000]]); // prettier-ignore
    const state = integral.state()!;
    expect(whOf(integral)).toEqual([15, 0]);
    expect(state).toMatchObject({ covered: 15_000, missed: 10_001 });
    expect(coverage(state)).toBeCloseTo((15_000 / 25_001) * 100, 9);
    expect(coverage(state, 24_999)).toBeCloseTo(30, 9);
  });

  it('has nothing before its first sample, and no energy after it', () => {
    expect(new EnergyIntegral(1000).state()).toBeUndefined();
    expect(integrate(1000, [[500, NaN]]).state()).toMatchObject({ covered: 0, missed: 0, power: 500 });
  });

  it('loses nothing of many small steps upon much', () => {
    const saved = {
      positive: [10_000_000_000, 0],
      negative: [0, 0],
      covered: 0,
      missed: 0,
      power: 0.1,
      at: 0,
    } as const;
    const integral = new EnergyIntegral(1000, saved);
    for (let i = 0; i < 1_000_000; i++) integral.take(0.1, 1000, 0);
    expect(whOf(integral)[0]).toBe(10_000_000_027.777);
  });
});

describe('whatever the samples', () => {
  const SAMPLES = fc.array(fc.tuple(fc.integer({ min: -20_000, max: 20_000 }), fc.integer({ min: 1, max: 30_000 })), {
    ...{ minLength: 2, maxLength: 50 },
  });

  it('the difference of the directions is the plain trapezoid, and neither ever falls', () => {
    fc.assert(
      fc.property(SAMPLES, (samples) => {
        const integral = new EnergyIntegral(30_000);
        let [net, before] = [0, [0, 0] as readonly [number, number]];
        samples.forEach(([power, elapsed], i) => {
          integral.take(power, elapsed, 0);
          if (i > 0) net += ((samples[i - 1]![0] + power) / 2) * elapsed;
          const now = whOf(integral);
          expect(now[0]).toBeGreaterThanOrEqual(before[0]);
          expect(now[1]).toBeGreaterThanOrEqual(before[1]);
          before = now;
        });
        expect(Math.abs(before[0] - before[1] - net / HOUR)).toBeLessThan(0.002);
      }),
    );
  });

  it('a restart between any two of them changes nothing, and all time is either covered or missed', () => {
    fc.assert(
      fc.property(SAMPLES, fc.nat(49), (samples, stop) => {
        const whole = integrate(10_000, samples);
        const until = stop % samples.length;
        const saved = integrate(10_000, samples.slice(0, until)).state();
        const json = saved && (JSON.parse(JSON.stringify(saved)) as IntegralState);
        const resumed = new EnergyIntegral(10_000, json);
        for (const [power, elapsed] of samples.slice(until)) resumed.take(power, elapsed, 0);
        expect(resumed.state()).toEqual(whole.state());
        const { covered, missed } = whole.state()!;
        expect(covered + missed).toBe(samples.slice(1).reduce((sum, [, elapsed]) => sum + elapsed, 0));
      }),
    );
  });
});
