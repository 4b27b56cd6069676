import { familyOf, zoneOf } from './config-error.js';

describe('settings of meters', () => {
  it('say what was meant by a name that is none', () => {
    const families = { generic: 1, 'landis-gyr-zmd': 2 };
    expect(familyOf(families, 'generic')).toBe(1);
    expect(() => familyOf(families, 'landis-gyr-zmb')).toThrow(expect.objectContaining({ code: 'SMX_CONFIG_INVALID' }));
    expect(() => familyOf(families, 'landis-gyr-zmb')).toThrow(/landis-gyr-zmd/);
    expect(() => zoneOf('Europe/Bolzano')).toThrow(expect.objectContaining({ code: 'SMX_CONFIG_INVALID' }));
  });
});
