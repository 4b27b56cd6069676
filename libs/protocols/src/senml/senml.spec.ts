import fc from 'fast-check';
import { decodeSenml, encodeSenml } from './index.js';

const NOW = Date.UTC(2026, 5, 1);
const decode = (value: unknown): ReturnType<typeof decodeSenml> => decodeSenml(JSON.stringify(value), NOW);
const first = (value: unknown): unknown => decode(value)?.records[0];

describe('a SenML pack', () => {
  it.each([
    // Storage4Grid D4.10: an Energy Router, ms
    [
      [{ v: 500.0, u: 'W', t: 1542912618631, n: 'PPvRef' }],
      { name: 'PPvRef', value: 500, unit: 'W', t: 1542912618631 },
    ],
    // D4.5: GESSCon, s
    [[{ n: 'GESSCon Profile', t: 1.5386976e9, v: 0.0, u: 'kW' }], { name: 'GESSCon Profile', value: 0, unit: 'kW', t: 1538697600000 }], // prettier-ignore
    // D5.5: LESSAg, no clock
    [[{ v: 400.0, u: 'W', t: 0, n: '' }], { name: '', value: 400, unit: 'W' }],
    // D4.10: EV, base name and version
    [[{ bver: 5, bn: 'chargers/X-Y-Z', n: 'ev0/P', v: 2000 }], { name: 'chargers/X-Y-Zev0/P', value: 2000 }],
    [
      { n: 'SoC', v: '47.5', u: '%' },
      { name: 'SoC', value: 47.5, unit: '%' },
    ],
    [[{ n: 'on', vb: false }], { name: 'on', value: false }],
    [[{ n: 'text', vs: 'x' }], { name: 'text', value: 'x' }],
    [[{ n: 'a', v: null }], { name: 'a', value: null }],
    [[{ n: 'a', v: 'off' }], { name: 'a', value: null }],
    [[{ n: 'a', v: 1, t: -5 }], { name: 'a', value: 1, t: NOW - 5000 }],
  ])('%j is %j', (pack, record) => expect(first(pack)).toEqual(record));

  it('adds what its records build on, from where it stands on', () => {
    const pack = [
      { bn: 'er/', bt: 1.5386976e9, bu: 'W', bv: 100 },
      { n: 'a', v: 1 },
      { n: 'b', v: 2, t: 5, u: 'A' },
      { bn: 'x/', bv: 0, bt: 1538697600000, n: 'c', v: 3, t: 250 },
    ];
    expect(decode(pack)).toEqual({
      records: [
        { name: 'er/a', value: 101, unit: 'W', t: 1538697600000 },
        { name: 'er/b', value: 102, unit: 'A', t: 1538697605000 },
        { name: 'x/c', value: 3, unit: 'W', t: 1538697600250 },
      ],
      skipped: [],
    });
  });

  it.each(['', 'null', '5', '"x"', '[]', '[{"v":12.5,"u":"W","t":15429', 'NaN'])('%j is none', (text) =>
    expect(decodeSenml(text, NOW)).toBeUndefined(),
  );

  it.each([
    [[{ n: 'a', v: 1, must_: 1 }]],
    [[{ bver: 11, n: 'a', v: 1 }]],
    [[{ n: 5, v: 1 }]],
    [[{ n: 'a', v: 1, t: 'now' }]],
    [[{ n: 'a', v: 1, u: 5 }]],
    [[{ bt: 'x', n: 'a', v: 1 }]],
    [[{ n: 'a' }]],
    [[null]],
    [[[]]],
  ])('nothing of %j is believed', (pack) => expect(decode(pack)).toEqual({ records: [], skipped: [0] }));

  it('makes no number of a sum that is none, and no time of one', () => {
    expect(first([{ bv: 1e308, n: 'a', v: 1e308 }])).toEqual({ name: 'a', value: null });
    expect(first([{ n: 'a', v: 1, t: 1e300 }])).toEqual({ name: 'a', value: 1 });
  });

  it('comes back from its encoder', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.option(fc.constantFrom('W', 'VAr', '%'), { nil: undefined }),
        fc.integer({ min: 1e12, max: 4e12 }),
        (name, value, unit, t) => {
          const given = { name, value: value === 0 ? 0 : value, ...(unit !== undefined && { unit }), t };
          expect(decodeSenml(encodeSenml(given), NOW)).toEqual({ records: [given], skipped: [] });
        },
      ),
    );
  });

  it('any JSON is read without a throw, and no number comes out that is not in it', () => {
    const field = fc.constantFrom('n', 'u', 't', 'v', 'vs', 'vb', 'bn', 'bt', 'bu', 'bver', '__proto__', 'x_');
    const value = fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.constantFrom(null, 0, -1, 1e12, '5', 'W'));
    const raw = fc.dictionary(field, value);
    fc.assert(
      fc.property(fc.oneof(raw, fc.array(fc.oneof(raw, fc.anything()))), (pack) => {
        const json = JSON.stringify(pack);
        const numbers = new Set<unknown>((json.match(/-?\d+(\.\d+)?(e[+-]?\d+)?/gi) ?? []).map((text) => Number(text) + 0)); // prettier-ignore
        for (const { value: found } of decodeSenml(json, NOW)?.records ?? [])
          if (typeof found === 'number') expect(numbers.has(found + 0)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('any damage to a pack gives a pack or none', () => {
    const text = JSON.stringify([{ bn: 'er/', bt: 1.5e9, n: 'a', v: 12.5, u: 'W', t: 1542912618631 }]);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 2 }), fc.nat(3), (at, put, cut) => {
        const damaged = text.slice(0, at) + put + text.slice(at + cut);
        for (const { value, t } of decodeSenml(damaged, NOW)?.records ?? []) {
          if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
          if (t !== undefined) expect(Number.isSafeInteger(t)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
