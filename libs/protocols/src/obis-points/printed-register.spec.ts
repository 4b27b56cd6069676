import { printedRegister } from './printed-register.js';

describe('what a meter prints', () => {
  it.each([
    ['1-0:1.8.0', 'energy/active/import', 'Wh', 'kWh'],
    ['1-1:1.8.0', 'energy/active/import', 'Wh', 'kWh'],
    ['1-0:32.7.0', 'voltage/l1', 'V', 'V'],
    ['1-0:131.7.0', 'power/reactive', 'var', 'var'],
    ['1-0:1.6.0', 'peak/month', 'W', 'kW'],
  ])('%s is named %s, in %s, and taken as %s where it has no unit', (obis, path, unit, printed) =>
    expect(printedRegister(obis)).toMatchObject({ path, unit, printed, type: 'number' }),
  );

  it('tells who it is best by what is made for that, to those alone who may know it', () => {
    const [best, next] = ['0-0:96.1.0', '1-0:0.0.0'].map((obis) => printedRegister(obis)!);
    expect([best, next]).toMatchObject([
      { path: 'serial', isPersonal: true },
      { path: 'serial', type: 'string' },
    ]);
    expect(best!.rank).toBeLessThan(next!.rank);
  });

  it.each(['1-0:1.8.0*19', '1-0:1.6.1', '0-0:97.97.0', '0-0:96.3.10', 'none'])('%s has no name', (obis) =>
    expect(printedRegister(obis)).toBeUndefined(),
  );
});
