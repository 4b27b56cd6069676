import { InjectionRate } from './rate.js';

describe('the rate of what parties send', () => {
  it('lets ten through at once and then as many as it says, to each charge point by itself', () => {
    const rate = new InjectionRate(20);
    const sent = (at: number, count: number): number => Array.from({ length: count }, () => rate.take('A', at)).filter((when) => when === undefined).length; // prettier-ignore
    expect(sent(0, 15)).toBe(10);
    expect(rate.take('A', 0)).toBe(3000);
    expect(rate.take('A', 2000)).toBe(3000);
    expect(rate.take('B', 2000)).toBeUndefined();
    expect(rate.take('A', 3000)).toBeUndefined();
    let later = 0;
    for (let at = 4000; at < 64_000; at += 1000) later += sent(at, 3);
    expect(later).toBe(20);
  });

  it('is no lower than one at a time, and goes on where the clock is set back', () => {
    const rate = new InjectionRate(1);
    expect(rate.take('A', 1_000_000)).toBeUndefined();
    expect(rate.take('A', 1_000_000)).toBe(1_060_000);
    expect(rate.take('A', 0)).toBe(60_000);
    expect(rate.take('A', 60_000)).toBeUndefined();
  });
});
