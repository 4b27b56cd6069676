import type { LedgerEntry } from '@smx-edge/model';
import { disclosuresOf } from './disclosed.js';

let seq = 0;
const entry = (t: number, principal: string, data: Record<string, unknown>, kind = 'disclosure'): LedgerEntry =>
  ({ seq: ++seq, t, kind, principal, data: { role: 'r', ...data }, hash: '' }) as LedgerEntry;
const reads = (...points: string[]) => [{ every: '15m', as: 'mean', points }];

test('disclosures are summed per party; a set named by its hash is the one listed before', () => {
  const parties = disclosuresOf([
    entry(1, 'dso', { set: 'a', reads: reads('pcc/power/active') }),
    entry(2, 'esco', {}, 'login'),
    entry(3, 'esco', { set: 'b' }),
    entry(4, 'dso', { set: 'a' }),
    entry(4, 'dso', { history: reads('pcc/voltage/l1') }),
  ]);
  expect(parties).toMatchObject([
    { name: 'dso', last: 4, quarters: 2, reads: reads('pcc/power/active'), history: reads('pcc/voltage/l1') },
    { name: 'esco', last: 3, quarters: 1, reads: undefined },
  ]);
});

test('a long list that came in parts is one list', () => {
  const [party] = disclosuresOf([
    entry(1, 'dso', { set: 'a', reads: reads('a/1') }),
    entry(1, 'dso', { set: 'a', reads: reads('a/2') }),
  ]);
  expect(party!.reads!.flatMap(({ points }) => points)).toEqual(['a/1', 'a/2']);
});
