import { Pace } from './pace.js';

/** ms from a fault at `now` until the host may be asked again, to the second. */
function pauseAfter(pace: Pace, now: number): number {
  pace.failed(now);
  for (let ms = 0; ; ms += 250) if (pace.mayAsk(now + ms)) return ms;
}

describe('the pace of a host', () => {
  it('is what is wanted while it answers at once, and slower while it does not', () => {
    const pace = new Pace();
    for (let i = 0; i < 40; i++) pace.good(30);
    expect(pace.stretched(10_000)).toBe(10_000);
    for (let i = 0; i < 40; i++) pace.good(3000);
    expect(pace.stretched(10_000)).toBeCloseTo(30_000, -2);
    for (let i = 0; i < 40; i++) pace.good(30);
    expect(pace.stretched(10_000)).toBe(10_000);
  });

  it('is three times as slow after some faults, and comes back by and by', () => {
    const pace = new Pace(() => 0);
    for (let i = 0; i < 5; i++) pace.failed(0);
    expect(pace.stretched(10_000)).toBe(30_000);
    pace.good(10);
    expect(pace.stretched(10_000)).toBeLessThan(30_000);
    for (let i = 0; i < 60; i++) pace.good(10);
    expect(pace.stretched(10_000)).toBe(10_000);
  });

  it('leaves it alone for longer and longer, up to a minute, and for minutes where that lasts', () => {
    const pace = new Pace(() => 0.999);
    let now = 0;
    const pauses: number[] = [];
    for (let i = 0; i < 10; i++) {
      const pause = pauseAfter(pace, now);
      pauses.push(pause);
      now += pause;
    }
    expect(pauses.slice(0, 5)).toEqual([1000, 2000, 4000, 8000, 16_000]);
    expect(Math.max(...pauses.slice(0, 7))).toBeLessThanOrEqual(60_000);
    expect(pauses.at(-1)).toBeGreaterThan(180_000);
    pace.good(10);
    expect(pauseAfter(pace, now)).toBeLessThanOrEqual(1000);
  });
});
