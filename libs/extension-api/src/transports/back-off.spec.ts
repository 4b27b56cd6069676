import { BackOff } from './back-off.js';

/** A small generator with a seed, so that a failure can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('BackOff', () => {
  it('doubles the ceiling from 1 s to 60 s', () => {
    const backOff = new BackOff(() => 1);
    expect(Array.from({ length: 9 }, () => backOff.next())).toEqual([
      1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000,
    ]);
    backOff.reset();
    expect(backOff.next()).toBe(1000);
  });

  it('spreads a herd over the whole pause and never makes a busy loop', () => {
    const random = seeded(7);
    const pauses = Array.from({ length: 1000 }, () => {
      const backOff = new BackOff(random);
      for (let attempt = 0; attempt < 6; attempt++) backOff.next();
      return backOff.next();
    });
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(50);
    for (let tenth = 0; tenth < 10; tenth++)
      expect(pauses.filter((pause) => pause >= tenth * 6000 && pause < (tenth + 1) * 6000).length).toBeGreaterThan(50);
    expect(new BackOff(() => 0).next()).toBe(50);
  });
});
