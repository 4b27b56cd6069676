import { Backoff } from './backoff.js';

it('waits anywhere up to 1 s, 2 s … 45 s, never longer, and begins again after a good connection', () => {
  let random = 1;
  const backoff = new Backoff(() => random);
  const longest = Array.from({ length: 9 }, () => backoff.next());
  expect(longest).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 45_000, 45_000, 45_000]);
  random = 0.5;
  expect(backoff.next()).toBe(22_500);
  backoff.reset();
  expect(backoff.next()).toBe(500);
});
