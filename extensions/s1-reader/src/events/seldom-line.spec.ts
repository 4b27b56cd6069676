import { SeldomLine } from './seldom-line.js';

it('is written once a minute at most, with how often it happened', () => {
  const lines: unknown[] = [];
  let now = 1_800_000_000_000;
  const line = new SeldomLine({ now: () => now, write: ({ times }) => lines.push(times) });
  line.add({ kind: 'dip' });
  for (let n = 0; n < 119; n++, now += 500) line.add({ kind: 'dip' });
  expect(lines).toEqual([1]);
  now += 60_000;
  line.add({ kind: 'dip' });
  expect(lines).toEqual([1, 120]);
  // a clock that was set back an hour silences nothing
  now -= 3_600_000;
  line.add({ kind: 'dip' });
  expect(lines).toEqual([1, 120, 1]);
});
