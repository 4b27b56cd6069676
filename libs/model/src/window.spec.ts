import { BAD, GOOD, STALE, SUBSTITUTED, UNCERTAIN } from './quality.js';
import { SampleSpacing, WindowAccumulator, windowEnd, windowStart } from './window.js';
import { Zone } from './zone.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;

describe('window ends', () => {
  it('are multiples of the length in UTC and hold their own end', () => {
    expect(windowEnd(0, 1000)).toBe(0);
    expect(windowEnd(1, 1000)).toBe(1000);
    expect(windowEnd(1000, 1000)).toBe(1000);
    expect(windowStart(1000, 1000)).toBe(0);
  });

  it.each(['Europe/Rome', 'America/Sao_Paulo', 'Asia/Kathmandu', 'Africa/Cairo', 'America/Havana'])(
    'of days are local midnights in %s and tile the years without gap',
    (name) => {
      const zone = new Zone(name);
      let end = windowEnd(Date.UTC(2016, 0, 1, 12), DAY, zone);
      for (let i = 0; i < 800; i++) {
        const next = windowEnd(end + 1, DAY, zone);
        expect(windowEnd(end, DAY, zone)).toBe(end);
        expect(windowStart(next, DAY, zone)).toBe(end);
        expect(windowEnd(next - 1, DAY, zone)).toBe(next);
        expect(next - end).toBeGreaterThanOrEqual(23 * HOUR);
        expect(next - end).toBeLessThanOrEqual(25 * HOUR);
        expect(zone.local(end).day).not.toBe(zone.local(end - 1).day);
        end = next;
      }
    },
  );

  it('of a DST day last 23 and 25 hours', () => {
    const rome = new Zone('Europe/Rome');
    const length = (noon: number): number => {
      const end = windowEnd(noon, DAY, rome);
      return (end - windowStart(end, DAY, rome)) / HOUR;
    };
    expect(length(Date.UTC(2026, 2, 29, 12))).toBe(23);
    expect(length(Date.UTC(2026, 9, 25, 12))).toBe(25);
    expect(length(Date.UTC(2026, 5, 1, 12))).toBe(24);
  });
});

describe('WindowAccumulator', () => {
  it('gives each aggregate and is empty again', () => {
    const values = [3, 1, 2];
    const expected = { last: 2, mean: 2, min: 1, max: 3, sum: 6 } as const;
    for (const [as, value] of Object.entries(expected)) {
      const window = new WindowAccumulator(as as keyof typeof expected);
      values.forEach((v, i) => window.add(v, i, GOOD));
      expect(window.close()).toEqual({ value, quality: GOOD });
      expect(window.close()).toEqual({ value: null, quality: BAD });
    }
  });

  it('takes neither bad nor stale nor null samples in', () => {
    const window = new WindowAccumulator('sum');
    window.add(1, 1, GOOD);
    window.add(10, 2, BAD);
    window.add(100, 3, STALE);
    window.add(NaN, 4, GOOD);
    expect(window.count).toBe(1);
    expect(window.close().value).toBe(1);
  });

  it('carries the quality of what entered', () => {
    const window = new WindowAccumulator('mean');
    window.add(1, 1, SUBSTITUTED);
    window.add(1, 2, GOOD);
    expect(window.close().quality).toBe(SUBSTITUTED);
    window.add(1, 3, UNCERTAIN);
    window.add(1, 4, SUBSTITUTED);
    expect(window.close().quality).toBe(UNCERTAIN);
  });

  it('is uncertain under 80 % of what was expected', () => {
    const window = new WindowAccumulator('mean');
    for (let i = 0; i < 8; i++) window.add(1, i, GOOD);
    expect(window.close(10).quality).toBe(GOOD);
    for (let i = 0; i < 7; i++) window.add(1, i, GOOD);
    expect(window.close(10).quality).toBe(UNCERTAIN);
  });

  it('gives the value of the latest time as last, whatever the order', () => {
    const window = new WindowAccumulator('last');
    window.add(2, 20, GOOD);
    window.add(1, 10, GOOD);
    expect(window.close().value).toBe(2);
  });

  it('counts a delta from the last value before and never over a reset', () => {
    const window = new WindowAccumulator('delta');
    window.add(100, 1, GOOD);
    expect(window.close()).toEqual({ value: null, quality: BAD });
    window.add(105, 2, GOOD);
    window.add(112, 3, GOOD);
    expect(window.close()).toEqual({ value: 12, quality: GOOD });
    window.add(3, 4, GOOD);
    window.add(200, 5, GOOD);
    expect(window.close()).toEqual({ value: null, quality: UNCERTAIN });
    window.add(201, 6, GOOD);
    expect(window.close()).toEqual({ value: 1, quality: GOOD });
    expect(window.close()).toEqual({ value: null, quality: BAD });
    window.add(205, 7, GOOD);
    expect(window.close()).toEqual({ value: 4, quality: UNCERTAIN });
  });
});

describe('SampleSpacing', () => {
  it('expects one sample per max age until it knows better, and nothing of a point without one', () => {
    const spacing = new SampleSpacing(10_000);
    expect(spacing.expected(60_000)).toBe(6);
    for (let t = 0; t < 10_000; t += 1000) spacing.add(t);
    spacing.add(500_000);
    expect(spacing.expected(60_000)).toBe(60);
    expect(new SampleSpacing(0).expected(60_000)).toBeUndefined();
  });
});
