import fc from 'fast-check';
import { BatchRanges } from './batch-ranges.js';

const MOST = 40;
const range = fc
  .tuple(fc.integer({ min: 1, max: MOST }), fc.integer({ min: 0, max: 6 }))
  .map(([from, n]): [number, number] => [from, from + n]);

it('is the set of what was added, in the fewest ranges', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 20 }), (added) => {
      const ranges = new BatchRanges();
      const all = new Set<number>();
      for (const [from, to] of added) {
        const own = Array.from({ length: to - from + 1 }, (_, i) => from + i);
        expect(ranges.add([from, to])).toBe(own.some((n) => !all.has(n)));
        for (const n of own) all.add(n);
      }
      for (let n = 1; n <= MOST + 8; n++) {
        expect(ranges.has(n)).toBe(all.has(n));
        let up = n;
        while (all.has(up)) up++;
        let down = n;
        while (all.has(down)) down--;
        expect([ranges.firstMissing(n), ranges.lastMissing(n)]).toEqual([up, down]);
        expect(ranges.count(1, n)).toBe([...all].filter((one) => one <= n).length);
      }
      ranges.list.forEach(([from], i) => expect(i === 0 || from > ranges.list[i - 1]![1] + 1).toBe(true));
    }),
  );
});

it('takes no range that ends before it begins', () => {
  const ranges = new BatchRanges();
  expect(ranges.add([5, 4])).toBe(false);
  expect(ranges.list).toEqual([]);
});
