import { RestartPolicy } from './restart-policy.js';

const STABLE = { lasted: 300_000, wasUp: true };
const EARLY = { lasted: 60_000, wasUp: true };
const AT_START = { lasted: 100, wasUp: false };

describe('restart rule', () => {
  test('after a stable run the first restart comes within a second, every time', () => {
    const policy = new RestartPolicy();
    for (let i = 0; i < 20; i++) expect(policy.died(STABLE)).toEqual({ restartIn: 500 });
  });

  test('early deaths back off by 10 s·n and the fourth is quarantine', () => {
    const policy = new RestartPolicy();
    expect([1, 2, 3, 4].map(() => policy.died(EARLY))).toEqual([
      { restartIn: 500 },
      { restartIn: 10_000 },
      { restartIn: 20_000 },
      'quarantine',
    ]);
  });

  test('one that never comes up backs off from the first death on', () => {
    const policy = new RestartPolicy();
    expect([1, 2, 3, 4].map(() => policy.died(AT_START))).toEqual([
      { restartIn: 10_000 },
      { restartIn: 20_000 },
      { restartIn: 30_000 },
      'quarantine',
    ]);
  });

  test('a stable run, or somebody who repaired it, forgives', () => {
    const policy = new RestartPolicy();
    for (let i = 0; i < 3; i++) policy.died(EARLY);
    expect(policy.died(STABLE)).toEqual({ restartIn: 500 });
    for (let i = 0; i < 3; i++) policy.died(EARLY);
    policy.forgive();
    expect(policy.died(EARLY)).toEqual({ restartIn: 500 });
  });

  test('an orderly failure is tried for ever at growing pauses up to 5 min, one that waiting cannot mend is not', () => {
    const policy = new RestartPolicy();
    const pauses = Array.from({ length: 40 }, () => policy.failed(true));
    expect(pauses.slice(0, 3)).toEqual([{ restartIn: 10_000 }, { restartIn: 20_000 }, { restartIn: 30_000 }]);
    expect(pauses.at(-1)).toEqual({ restartIn: 300_000 });
    expect(policy.failed(false)).toBe('stay');
  });
});
