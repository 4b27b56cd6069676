import fc from 'fast-check';
import type { HistoryRow } from '@smx-edge/model';
import { allow, smallGate, START } from '../test-support/small-gate.js';

const MINUTE = 60_000;

async function given(query: { from: number; to: number; every?: number }, rows: HistoryRow[]): Promise<HistoryRow[]> {
  const { live, gate, party, history, clock } = smallGate();
  clock.setWall(START + 60 * MINUTE);
  history.rows.set(live.declare('pcc/power'), rows);
  const view = party('esco', allow({ history: ['#'] }, { interval: MINUTE }));
  const found: HistoryRow[] = [];
  try {
    for (const { rows: chunks } of await view.history({ match: '#', ...query }))
      for await (const chunk of chunks) found.push(...chunk);
  } finally {
    gate.close();
  }
  return found;
}

const seconds = (...at: number[]): HistoryRow[] => at.map((s) => [START + s * 1000, s]);

test('under a rate history gives the last value of each part of the grid, once that part is over', async () => {
  const rows = seconds(1, 59, 60, 61, 119, 200, 3590, 3601, 3602);
  const all = { from: START, to: START + 120 * MINUTE };
  expect(await given(all, rows)).toEqual(seconds(60, 119, 200, 3590));
  expect(await given({ from: START, to: START + 59_500 }, rows)).toEqual([]);
  expect(await given({ from: START + 61_000, to: START + 119_000 }, rows)).toEqual(seconds(119));
});

test('windows off its grid are too fine, on its grid they are given', async () => {
  const all = { from: START, to: START + 120 * MINUTE };
  for (const every of [1000, 61_000, 90_000])
    await expect(given({ ...all, every }, [])).rejects.toMatchObject({
      code: 'SMX_ACCESS_TOO_FINE',
      message: expect.stringContaining('one value each 1m'),
    });
  await expect(given({ ...all, every: 5 * MINUTE }, [])).resolves.toEqual([]);
});

test('no set of queries brings more than the rate to light', async () => {
  const times = fc.uniqueArray(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 60 });
  const range = fc.tuple(fc.integer({ min: -10, max: 610 }), fc.integer({ min: 0, max: 300 }));
  await fc.assert(
    fc.asyncProperty(times, fc.array(range, { maxLength: 8 }), async (at, ranges) => {
      const rows = seconds(...at.sort((a, b) => a - b));
      const seen = new Map<number, number>();
      for (const [from, length] of ranges)
        for (const [t] of await given({ from: START + from * 1000, to: START + (from + length) * 1000 }, rows)) {
          const part = Math.ceil(t / MINUTE);
          expect(seen.get(part) ?? t).toBe(t);
          expect(t).toBeGreaterThan(START + from * 1000);
          expect(t).toBeLessThanOrEqual(START + (from + length) * 1000);
          seen.set(part, t);
        }
    }),
    { numRuns: 200 },
  );
});
