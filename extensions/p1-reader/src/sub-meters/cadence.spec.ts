import { Cadence } from './cadence.js';

const MINUTE = 60_000;

describe('cadence of a sub-meter', () => {
  it('takes a shorter step at once, and no faster than M-Bus is read', () => {
    const cadence = new Cadence();
    expect(cadence.ms).toBe(60 * MINUTE);
    expect(cadence.step(5 * MINUTE)).toBe(true);
    expect(cadence.step(1000)).toBe(false);
    expect(cadence.ms).toBe(5 * MINUTE);
  });

  it('takes a longer one once it has come three times, not when a reading was lost', () => {
    const cadence = new Cadence();
    expect([10, 5, 10, 20].map((minutes) => cadence.step(minutes * MINUTE))).toEqual([true, true, false, false]);
    expect([360, 360, 360].map((minutes) => cadence.step(minutes * MINUTE))).toEqual([false, false, true]);
    expect(cadence.ms).toBe(360 * MINUTE);
    expect(cadence.step(0)).toBe(false);
    expect(cadence.step(-5 * MINUTE)).toBe(false);
  });
});
