import { countedOf, worstOf, type Limit } from './week.js';

const limit = (rest: Partial<Limit>): Limit => ({
  ...{ quantity: 'voltage', phase: 'l1', order: null, low: 207, high: 253, unit: 'V' },
  ...{ required: 0.95, share: 1, counted: 100, expected: 1008, lowest: 228, highest: 236, verdict: 'ok' },
  ...rest,
});

test('of each kind the limit that was kept worst stands for it', () => {
  const limits = [
    limit({ share: 0.97 }),
    limit({ phase: 'l2', share: 0.96 }),
    limit({ phase: 'l3', share: 0.99, verdict: 'incomplete' }),
    limit({ required: 1, share: 0.999, verdict: 'exceeded' }),
    limit({ quantity: 'harmonic', order: 5, phase: 'l1', share: 0.5, verdict: 'exceeded' }),
    limit({ quantity: 'harmonic', order: 7, phase: 'l1', share: 0.4, verdict: 'exceeded' }),
  ];
  expect(worstOf(limits).map(({ quantity, phase, order }) => [quantity, phase, order])).toEqual([
    ['voltage', 'l3', null],
    ['voltage', 'l1', null],
    ['harmonic', 'l1', 7],
  ]);
});

test('what nothing is known of is not the worst of what is', () => {
  const limits = [limit({ share: null, counted: 0, verdict: 'incomplete' }), limit({ phase: 'l2', share: 0.9, verdict: 'incomplete' })]; // prettier-ignore
  expect(worstOf(limits)[0]!.phase).toBe('l2');
  expect(countedOf(limits)).toBe(100);
  expect(countedOf([])).toBe(0);
});
