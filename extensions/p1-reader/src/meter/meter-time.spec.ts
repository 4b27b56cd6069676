import { Zone } from '@smx-edge/model';
import { Interval } from './interval.js';
import { zoneTime } from './telegram-clock.js';

describe('times without S or W', () => {
  const zone = new Zone('Europe/Amsterdam');

  it('are read in the zone, in the doubled hour by what is nearer', () => {
    expect(zoneTime(zone, Date.UTC(2026, 0, 5, 12), 0)).toBe(Date.UTC(2026, 0, 5, 11));
    expect(zoneTime(zone, Date.UTC(2026, 6, 5, 12), 0)).toBe(Date.UTC(2026, 6, 5, 10));
    const doubled = Date.UTC(2026, 9, 25, 2, 30);
    expect(zoneTime(zone, doubled, Date.UTC(2026, 9, 25, 0, 31))).toBe(Date.UTC(2026, 9, 25, 0, 30));
    expect(zoneTime(zone, doubled, Date.UTC(2026, 9, 25, 1, 31))).toBe(Date.UTC(2026, 9, 25, 1, 30));
  });
});

describe('interval of a meter', () => {
  it('is learnt from its steps and not upset by losses', () => {
    const interval = new Interval(false);
    expect(interval.ms).toBe(10_000);
    const steps = [1, 2, 3, 4].map((second) => interval.step(second * 1000));
    expect(steps).toEqual([false, false, false, true]);
    expect(interval.ms).toBe(1000);
    // every other step is a loss of ten telegrams
    let t = 10_000;
    for (let i = 0; i < 50; i++) expect(interval.step((t += i % 2 === 0 ? 11_000 : 1000))).toBe(false);
    for (let i = 0; i < 9; i++) interval.step((t += 10_000));
    expect(interval.ms).toBe(10_000);
  });
});
