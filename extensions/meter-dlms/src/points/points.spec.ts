import { Catalogue } from '../objects/catalogue.js';
import type { MeterObject } from '../objects/meter-object.js';
import { scaledValue } from './scaled-value.js';
import { pick } from './selection.js';

const register = (obis: string): MeterObject => ({ classId: 3, version: 0, obis });
const catalogue = (...codes: string[]): Catalogue =>
  new Catalogue({ serial: null, firmware: null }, codes.map(register));
const one = { current: 1, voltage: 1, isSecondary: false };

describe('points of a meter', () => {
  it('are named alike on every channel, the config first, then channel 0', () => {
    const meter = catalogue('1-1:16.7.0', '1-0:16.7.0', '1-1:32.7.0', '1-1:131.7.0', '1-0:1.8.0', '1-0:1.8.0*1', '1-0:96.5.0'); // prettier-ignore
    const { picked, missing } = pick(meter, { 'power/active': '1-1:16.7.0', 'power/apparent': '1-0:9.7.0' });
    expect(Object.fromEntries(picked.map(({ path, object }) => [path, object.obis]))).toEqual({
      'power/active': '1-1:16.7.0',
      'voltage/l1': '1-1:32.7.0',
      'power/reactive': '1-1:131.7.0',
      'energy/active/import': '1-0:1.8.0',
    });
    expect(missing).toEqual(['1-0:9.7.0']);
    const maker = { classId: 10_001, version: 0, obis: '0-0:128.0.0', base: 25_200 };
    const own = new Catalogue({ serial: null, firmware: null }, [maker]);
    expect(pick(own, { 'obis/own': maker.obis })).toEqual({ picked: [], missing: [maker.obis] });
    expect(picked.find(({ path }) => path === 'energy/active/import')).toMatchObject({
      kind: 'counter',
      pace: 'register',
    });
  });

  it('have exact decimals in the unit of the house, and none where the register is empty or in another unit', () => {
    const volts = { scale: { scaler: -1, code: 35 }, unit: 'V', ratios: one } as const;
    expect(scaledValue({ type: 'long-unsigned', value: 2301 }, volts)).toEqual({ value: 230.1 });
    expect(scaledValue({ type: 'null-data' }, volts)).toEqual({ reason: 'empty' });
    expect(scaledValue({ type: 'long-unsigned', value: 2301 }, { ...volts, unit: 'A' })).toEqual({ reason: 'in another unit' }); // prettier-ignore
    expect(scaledValue({ type: 'octet-string', value: Uint8Array.of(1) }, volts)).toEqual({ reason: 'not readable' });
    const wide = { type: 'long64', value: 2n ** 62n } as const;
    expect(scaledValue(wide, volts)).toEqual({ reason: 'more digits than a number holds' });
  });

  it('are primary values: those of a meter behind transformers are multiplied, once', () => {
    const ratios = { current: 80, voltage: 150, isSecondary: true };
    const raw = { type: 'double-long', value: -12_345 } as const;
    const of = (unit: 'W' | 'A' | 'V' | 'Hz', code: number, secondary = true): unknown =>
      scaledValue(raw, { scale: { scaler: -2, code }, unit, ratios: { ...ratios, isSecondary: secondary } });
    expect(of('W', 27)).toEqual({ value: -1_481_400 });
    expect(of('A', 33)).toEqual({ value: -9876 });
    expect(of('V', 35)).toEqual({ value: -18_517.5 });
    expect(of('Hz', 44)).toEqual({ value: -123.45 });
    expect(of('W', 27, false)).toEqual({ value: -123.45 });
  });
});
