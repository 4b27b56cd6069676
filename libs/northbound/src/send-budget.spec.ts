import fc from 'fast-check';
import { VirtualClock } from '@smx-edge/model';
import { SendBudget, TokenBucket } from './send-budget.js';

describe('the budget of `now`', () => {
  it('lets a burst go at once and then waits for the window, not for a gap', () => {
    const clock = new VirtualClock();
    const budget = new SendBudget(20, 1000);
    for (let i = 0; i < 20; i++) {
      expect(budget.wait(clock.monotonic())).toBe(0);
      budget.take(clock.monotonic());
      clock.advance(10);
    }
    expect(budget.wait(clock.monotonic())).toBe(800);
    clock.advance(800);
    expect(budget.wait(clock.monotonic())).toBe(0);
  });

  it('never lets more than 20 into any second, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 50, maxLength: 300 }), (gaps) => {
        const clock = new VirtualClock();
        const budget = new SendBudget(20, 1000);
        const sent: number[] = [];
        for (const gap of gaps) {
          clock.advance(gap);
          const wait = budget.wait(clock.monotonic());
          if (wait > 0) {
            // a wait is never longer than needed
            expect(sent.filter((t) => t > clock.monotonic() - 1000)).toHaveLength(20);
            clock.advance(wait);
          }
          budget.take(clock.monotonic());
          sent.push(clock.monotonic());
        }
        for (let i = 20; i < sent.length; i++) expect(sent[i]! - sent[i - 20]!).toBeGreaterThanOrEqual(1000);
      }),
    );
  });
});

describe('a token bucket', () => {
  it('gives its burst, then its rate', () => {
    const bucket = new TokenBucket(1, 10, 0);
    for (let i = 0; i < 10; i++) expect(bucket.take(0)).toBe(true);
    expect(bucket.take(999)).toBe(false);
    expect(bucket.take(1000)).toBe(true);
    expect(bucket.take(1500)).toBe(false);
  });

  it('says how long to wait after more was spent than there was', () => {
    const bucket = new TokenBucket(100, 10, 0);
    bucket.spend(60, 0);
    const wait = bucket.wait(0);
    expect(wait).toBeGreaterThanOrEqual(500);
    expect(bucket.wait(wait)).toBe(0);
  });
});
