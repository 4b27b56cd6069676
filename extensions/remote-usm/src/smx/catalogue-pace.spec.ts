import { CataloguePace } from './catalogue-pace.js';

const HOUR = 3_600_000;

it('takes what a box tells at its start as it comes, and what is told again always', () => {
  const pace = new CataloguePace<number>();
  for (let i = 0; i < 25; i++) expect(pace.offer(`catalogue ${i}`, i, i)).toBe(i);
  for (let i = 0; i < 1000; i++) expect(pace.offer('catalogue 24', 24, 1000 + i)).toBe(24);
});

it('takes of one that goes back and forth the newest, more and more rarely, and all again once it was quiet', () => {
  const pace = new CataloguePace<number>();
  const taken: [number, number][] = [];
  const take = (now: number, one: number | undefined): void => {
    if (one !== undefined) taken.push([now, one]);
  };
  for (let now = 0; now < 24 * HOUR; now += 1000) {
    take(now, pace.due(now));
    take(now, pace.offer(`catalogue ${(now / 1000) % 2}`, now / 1000, now));
  }
  // 30 at once, ten while the pause grows, and then one in ten minutes
  expect(taken.length).toBeLessThan(30 + 10 + 6 * 24 + 1);
  expect(taken.length).toBeGreaterThan(6 * 24);
  for (const [now, one] of taken) expect(now / 1000 - one).toBeLessThanOrEqual(1);
  const end = 24 * HOUR;
  expect(pace.isHolding).toBe(true);
  expect(pace.due(end + 600_000)).toBe(end / 1000 - 1);
  expect(pace.isHolding).toBe(false);
  for (let i = 0; i < 20; i++) expect(pace.offer(`quiet ${i}`, i, end + 2 * HOUR + i)).toBe(i);
});
