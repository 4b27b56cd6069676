import type { Reading } from '../state/reading.js';
import { balanceOf } from './balance.js';
import { partsOf } from './parts.js';

const point = (path: string, unit = 'W', every?: string) => ({
  path,
  unit,
  kind: 'measurement' as const,
  ...(every === undefined ? {} : { every }),
});
const device = (name: string, kind: string) => ({ name, kind });

const POINTS = [
  point('pcc/power/active'),
  point('pcc/power/active/import'),
  point('pcc/power/active/l1'),
  point('pv/power'),
  point('battery/power'),
  point('battery/soc', '%'),
  point('ev1/power/active'),
  point('pcc/peak/quarter'),
];

/** Watts by point; null = none, a text = its quality instead of good. */
const reader =
  (values: Readonly<Record<string, number | null | readonly [number, Reading['q']]>>) =>
  (path: string): Reading | undefined => {
    const value = values[path];
    if (value === undefined) return undefined;
    return typeof value === 'object' && value !== null
      ? { v: value[0], t: 5, q: value[1] }
      : { v: value, t: 5, q: 'good' };
  };

describe('the parts of a house', () => {
  const kinds = (...args: Parameters<typeof partsOf>) => partsOf(...args).map(({ kind, name }) => `${kind} ${name}`);

  it('are known by the names of the contract, one meter being the connection', () => {
    expect(kinds(POINTS, [])).toEqual(['grid pcc', 'pv pv', 'battery battery', 'car ev1']);
    const points = [...POINTS, point('s1/power/active'), point('er/pv/power'), point('pcc/limiter/power')];
    expect(kinds(points, [device('s1', 'meter')])).toEqual([
      'grid pcc',
      'pv er/pv',
      'pv pv',
      'battery battery',
      'car ev1',
    ]);
  });

  it('are the parts of a device that is read in parts, and not its sum beside them', () => {
    const router = ['er/power/active', 'er/pv/power', 'er/battery/power'].map((path) => point(path));
    expect(kinds([point('pcc/power/active'), ...router], [device('er', 'energy-router')])).toEqual([
      'grid pcc',
      'pv er/pv',
      'battery er/battery',
    ]);
    expect(kinds(router.slice(0, 1), [device('er', 'energy-router')])).toEqual(['load er']);
  });

  it('are known by what their devices are where the names tell nothing', () => {
    const points = [
      point('main/power/active'),
      point('roof/power'),
      point('wallbox/power/active'),
      point('pump/power'),
    ];
    const devices = [device('main', 'meter'), device('roof', 'pv'), device('wallbox', 'evse')];
    expect(kinds(points, devices)).toEqual(['grid main', 'pv roof', 'car wallbox', 'load pump']);
  });

  it('count no inverter beside the panels and the battery it carries', () => {
    const inverter = point('inverter/power/active');
    expect(kinds([...POINTS, inverter], [])).not.toContain('pv inverter');
    expect(kinds([point('pcc/power/active'), inverter], [])).toEqual(['grid pcc', 'pv inverter']);
  });

  it('of a meter without a signed power are the difference of its two', () => {
    const parts = partsOf([point('pcc/power/active/import'), point('pcc/power/active/export')], []);
    const read = reader({ 'pcc/power/active/import': 0, 'pcc/power/active/export': 700 });
    expect(balanceOf(parts, read)).toMatchObject({ flows: [{ kind: 'grid', watts: -700 }], house: -700 });
  });
});

describe('the balance', () => {
  const parts = partsOf(POINTS, []);
  const values = {
    'pcc/power/active': 500,
    'pv/power': -2000,
    'battery/power': 800,
    'battery/soc': 60,
    'ev1/power/active': 300,
  };

  it('leaves for the house what comes in and goes nowhere else', () => {
    const { flows, house } = balanceOf(parts, reader(values));
    expect(house).toBe(1400);
    expect(flows.map(({ kind, watts, soc }) => [kind, watts, soc])).toEqual([
      ['grid', 500, undefined],
      ['pv', -2000, undefined],
      ['battery', 800, 60],
      ['car', 300, undefined],
    ]);
  });

  it.each([
    ['is missing', null],
    ['is stale', [-2000, 'stale']],
    ['is bad', [-2000, 'bad']],
  ] as const)('is not known where a value %s, instead of counting it as 0', (_what, value) => {
    const { flows, house, unknown } = balanceOf(parts, reader({ ...values, 'pv/power': value }));
    expect([house, unknown]).toEqual([undefined, 'pv']);
    expect(flows[1]).toMatchObject({ watts: undefined, last: 5 });
  });

  it('goes on with an uncertain value, and says so', () => {
    const { flows, house } = balanceOf(parts, reader({ ...values, 'pv/power': [-2000, 'uncertain'] }));
    expect([house, flows[1]!.isUncertain]).toEqual([1400, true]);
  });

  it('mixes no means with values of this moment', () => {
    const mixed = partsOf([point('pcc/power/active', 'W', '15m'), point('pv/power')], []);
    expect(balanceOf(mixed, reader(values))).toMatchObject({ house: undefined, unknown: 'forms' });
  });
});
