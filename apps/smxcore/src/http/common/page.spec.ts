import { pageOf } from './page.js';

it('loses no row of a name that stands twice, whatever the size of a page', () => {
  const items = ['a', 'cloud', 'cloud', 'cloud', 'z'].map((name, row) => ({ name, row }));
  for (const limit of [1, 2, 3, 4, 5]) {
    const seen: number[] = [];
    let after: string | undefined;
    do {
      const { page, next } = pageOf(items, { limit, after, key: ({ name }) => name });
      seen.push(...page.map(({ row }) => row));
      after = next;
    } while (after !== undefined);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  }
});
