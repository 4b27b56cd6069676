import { nearest } from './nearest.js';

describe('nearest', () => {
  it('finds what was probably meant', () => {
    expect(nearest('brokr', ['http', 'broker', 'roles'])).toBe('broker');
    expect(nearest('prot', ['host', 'port', 'tls'])).toBe('port');
    expect(nearest('Site', ['site', 'data'])).toBe('site');
  });

  it('offers nothing where nothing is near', () => {
    expect(nearest('zebra', ['http', 'broker', 'roles'])).toBeUndefined();
    expect(nearest('x', ['http'])).toBeUndefined();
    expect(nearest('y'.repeat(100_000), ['y'.repeat(90_000)])).toBeUndefined();
  });
});
