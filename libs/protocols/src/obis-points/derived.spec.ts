import { derivedOf } from './derived.js';

describe('points of a meter', () => {
  it('are made of others only where the meter has no register for them, and null where a part is', () => {
    const paths = new Set(['power/active/import', 'power/active/export', 'energy/active/import/t1', 'energy/active/import/t2']); // prettier-ignore
    const derived = derivedOf(paths);
    const values: Record<string, number | null> = { 'power/active/import': 0.3, 'power/active/export': 0.1, 'energy/active/import/t1': 1, 'energy/active/import/t2': null }; // prettier-ignore
    const got = Object.fromEntries(derived.map(({ path, value }) => [path, value((part) => values[part]!)]));
    expect(got).toEqual({ 'power/active': 0.2, 'energy/active/import': null });
    expect(derivedOf(new Set([...paths, 'power/active'])).map(({ path }) => path)).toEqual(['energy/active/import']);
  });
});
