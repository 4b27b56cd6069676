import { SubMeterNames } from './names.js';

describe('names of sub-meters', () => {
  it('calls the first after its medium and an exchanged one anew, for good', () => {
    const names = new SubMeterNames({});
    expect(names.of('G001', 'gas')).toBe('gas');
    expect(names.of('W001', 'water')).toBe('water');
    expect(names.of('G002', 'gas')).toBe('gas-2');
    expect(names.of('G001', 'gas')).toBe('gas');
    const restarted = new SubMeterNames({}, names.state());
    expect(restarted.of('G002', 'gas')).toBe('gas-2');
    expect(restarted.of('G003', 'gas')).toBe('gas-3');
  });

  it('takes a name by equipment id, or by medium for what has none', () => {
    const names = new SubMeterNames({ G001: 'boiler', gas: 'main-gas' });
    expect(names.of('G001', 'gas')).toBe('boiler');
    expect(names.of('G002', 'gas')).toBe('main-gas');
    expect(names.of('G003', 'gas')).toBe('main-gas-2');
    expect(new SubMeterNames({ G002: 'cooker' }, names.state()).of('G002', 'gas')).toBe('cooker');
  });
});
