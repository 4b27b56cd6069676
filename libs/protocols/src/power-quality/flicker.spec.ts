import { Flickermeter } from './flickermeter.js';
import { settingOf } from './options.js';
import { PowerQuality } from './power-quality.js';

// a name of this module is found much faster than a global one
const { sin, sign, PI, SQRT2 } = Math;

/** Pst and the largest Pinst of 230 V whose amplitude changes by `change` %, peak to peak, so many times a minute. */
function flicker(
  rate: number,
  {
    perMinute,
    change,
    shape,
    seconds,
  }: { perMinute: number; change: number; shape: 'sine' | 'rectangle'; seconds: number },
): { severity: number; peak: number } {
  const meter = new Flickermeter(settingOf({ wiring: 'single', rate }));
  const second = new Float64Array(rate);
  for (let s = -60; s < seconds; s++) {
    for (let k = 0; k < rate; k++) {
      const t = s + 60 + k / rate;
      // half a sample later: at a step itself a sample has neither level
      const wave = sin((PI * perMinute * (t + 0.5 / rate)) / 60);
      const level = 1 + (change / 200) * (shape === 'sine' ? wave : sign(wave));
      second[k] = 230 * SQRT2 * sin(2 * PI * 50 * t) * level;
    }
    if (s === 0) meter.take();
    meter.push(second, 0, rate);
  }
  const { peak } = meter;
  return { severity: meter.take(), peak };
}

/** Table 5 of IEC 61000-4-15:2010, 230 V and 50 Hz: rectangular changes a minute, % for which Pst is 1. */
const SEVERITY = [
  [1, 2.715],
  [2, 2.191],
  [7, 1.45],
  [39, 0.894],
  [110, 0.722],
  [1620, 0.407],
  [4000, 2.343],
] as const;

/** Tables 1a and 2a, 230 V and 50 Hz: Hz, and the % for which the largest Pinst is 1 ± 8 %, of a sine and of a rectangle. */
const SENSATION = [
  [0.5, 2.325, 0.509],
  [3, 0.645, 0.352],
  [8.8, 0.25, 0.196],
  [12, 0.314, 0.245],
  [20, 0.704, 0.553],
  [25, 1.037, 0.764],
  [100 / 3, 2.128, 1.671],
] as const;

describe('a flickermeter', () => {
  it.each(SEVERITY)(
    'has Pst 1 at %d rectangular changes a minute of %d %%',
    (perMinute, change) => {
      const { severity } = flicker(2600, { perMinute, change, shape: 'rectangle', seconds: 600 });
      expect(Math.abs(severity - 1)).toBeLessThan(0.05);
    },
    60_000,
  );

  it.each(SENSATION)(
    'has Pinst 1 at %d Hz of a sine of %d %% and a rectangle of %d %%',
    (hz, sine, rectangle) => {
      for (const rate of [2600, 4200]) {
        const seconds = 12;
        const smooth = flicker(rate, { perMinute: 120 * hz, change: sine, shape: 'sine', seconds }).peak;
        expect(Math.abs(smooth - 1)).toBeLessThan(0.02);
        const { peak } = flicker(rate, { perMinute: 120 * hz, change: rectangle, shape: 'rectangle', seconds });
        expect(Math.abs(peak - 1)).toBeLessThan(0.02);
      }
    },
    60_000,
  );

  it('gives Pst of an interval of 10 min, and none of one that it began in', () => {
    const intervals: { kind: string; flicker: number[] }[] = [];
    const meter = new PowerQuality(
      { wiring: 'single', rate: 2000 },
      { onInterval: ({ kind, flicker: [...severities] }) => intervals.push({ kind, flicker: severities }) },
    );
    const cycle = Float64Array.from({ length: 40 }, (_, k) => 230 * SQRT2 * sin((2 * PI * k) / 40));
    const voltage = new Float64Array(400);
    const current = new Float64Array(400).fill(5);
    const begin = Date.UTC(2026, 0, 12, 9, 9);
    for (let n = 0; n < 5 * 661; n++) {
      const t = n / 5;
      for (let k = 0; k < 400; k++)
        voltage[k] = cycle[k % 40]! * (1 + 0.00447 * sign(sin((PI * 39 * (t + k / 2000)) / 60)));
      meter.push({ voltage: [voltage], current: [current], count: 400, lost: 0, time: begin + t * 1000 });
    }
    const [first, second] = intervals.filter(({ kind }) => kind === '10-min');
    expect(first!.flicker[0]).toBeNaN();
    expect(Math.abs(second!.flicker[0]! - 1)).toBeLessThan(0.05);
    expect(second!.flicker[1]).toBeNaN();
  }, 120_000);
});
