import { Backoff } from './backoff.js';

/** A small generator with a seed, so that a failure can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('Backoff', () => {
  it('doubles the ceiling from 1 s to the longest, and begins again after a success', () => {
    const backoff = new Backoff(60_000, () => 1);
    expect(Array.from({ length: 9 }, () => backoff.next())).toEqual([
      1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000,
    ]);
    backoff.reset();
    expect(backoff.next()).toBe(1000);
  });

  it('spreads a herd over the whole pause and never makes a busy loop', () => {
    const random = seeded(7);
    const pauses = Array.from({ length: 1000 }, () => {
      const backoff = new Backoff(60_000, random);
      for (let attempt = 0; attempt < 6; attempt++) backoff.next();
      return backoff.next();
    });
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(50);
    for (let tenth = 0; tenth < 10; tenth++)
      expect(pauses.filter((pause) => pause >= tenth * 6000 && pause < (tenth + 1) * 6000).length).toBeGreaterThan(50);
    expect(new Backoff(60_000, () => 0).next()).toBe(50);
  });
});
