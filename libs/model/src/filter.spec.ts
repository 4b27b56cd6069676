import fc from 'fast-check';
import { FilterTrie, filterFault, filterMatches, filtersMeet, isPointPath } from './filter.js';

describe('filterMatches', () => {
  it.each([
    ['pcc/power/#', 'pcc/power/active', true],
    ['pcc/power/#', 'pcc/power', true],
    ['pcc/power/#', 'pcc/powerful', false],
    ['+/voltage/+', 'pcc/voltage/l1', true],
    ['+/voltage/+', 'pcc/voltage/l1/x', false],
    ['pcc/voltage/l1', 'pcc/voltage/l1-l2', false],
    ['#', 'a/b', true],
    ['+', 'a/b', false],
    ['a/b', 'a', false],
    ['a/+/#', 'a', false],
  ])('%s on %s is %s', (filter, path, expected) => {
    expect(filterMatches(filter, path)).toBe(expected);
  });
});

describe('FilterTrie', () => {
  const segment = fc.constantFrom('a', 'b', 'l1', 'l1-l2');
  const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const filter = fc
    .tuple(fc.array(fc.oneof(segment, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([parts, rest]) => [...parts, ...(rest ? ['#'] : [])].join('/'));

  it('meets another filter exactly where some path matches both', () => {
    const words = ['a', 'b', 'l1', 'l1-l2'];
    const paths = [1, 2, 3, 4, 5].flatMap((depth) =>
      Array.from({ length: words.length ** depth }, (_, i) =>
        Array.from({ length: depth }, (_none, at) => words[Math.floor(i / words.length ** at) % words.length]).join(
          '/',
        ),
      ),
    );
    fc.assert(
      fc.property(filter, filter, (one, other) => {
        expect(filtersMeet(one, other)).toBe(paths.some((at) => filterMatches(one, at) && filterMatches(other, at)));
      }),
    );
  });

  it('finds exactly the filters that match one by one', () => {
    fc.assert(
      fc.property(fc.array(filter, { maxLength: 12 }), path, (filters, at) => {
        const trie = new FilterTrie<number>();
        filters.forEach((text, i) => trie.add(text, i));
        const expected = filters.flatMap((text, i) => (filterMatches(text, at) ? [i] : []));
        expect(trie.match(at).sort((a, b) => a - b)).toEqual(expected);
      }),
    );
  });
});

describe('legal names', () => {
  it.each(['pcc/power/active', 'pcc/voltage/l1-l2', 'obis/1-0_1-8-0'])('%s is a path', (path) => {
    expect(isPointPath(path)).toBe(true);
  });

  it.each(['pcc', 'Pcc/power', 'pcc//power', 'pcc/1.8.0', 'pcc/a b', 'pcc/#', '/pcc/power', 'pcc/power/'])(
    '%s is none',
    (path) => {
      expect(isPointPath(path)).toBe(false);
    },
  );

  it('tells what is wrong with a filter', () => {
    expect(filterFault('pcc/#/x')).toContain('end');
    expect(filterFault('pcc/po#')).toContain('alone');
    expect(filterFault('')).toBeDefined();
    expect(filterFault('+/voltage/#')).toBeUndefined();
  });
});
