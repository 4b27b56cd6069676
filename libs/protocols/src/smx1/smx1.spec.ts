import fc from 'fast-check';
import { decodeCatalogue, decodeNow, decodeState, decodeTopic, nowSample } from './index.js';

const json = JSON.stringify;
const NONE = ['', 'null', '5', '"x"', '[]', '{', '{}', 'NaN'];

describe('topics of smx/1', () => {
  it('name site, party and message', () => {
    expect(decodeTopic('smx/1/s4g-bz-008/neighbour/t/inst')).toEqual({
      site: 's4g-bz-008',
      party: 'neighbour',
      kind: 't/inst',
    });
  });

  it.each(['smx/2/a/b/now', 'smx/1/a/b', 'smx/1/a/b/', 'smx/1//b/now', 'x/smx/1/a/b/now', 'smx/1/a b/c/now'])(
    '%s is none',
    (topic) => {
      expect(decodeTopic(topic)).toBeUndefined();
    },
  );
});

describe('the state of a box', () => {
  it('is taken with what of it is usable', () => {
    expect(decodeState(json({ s: 'lost', epoch: 3, boot: 5, cat: 'abc', clock: 'ok', version: '1' }))).toEqual({ status: 'lost', epoch: 3, boot: 5, cat: 'abc', clock: 'ok', version: '1' }); // prettier-ignore
    expect(decodeState(json({ s: 'online', epoch: '3', boot: -1, cat: 5, clock: 'fine' }))).toEqual({ status: 'online', clock: 'unsure' }); // prettier-ignore
  });

  it.each([...NONE, json({ s: 'offline' }), json({ s: 5 })])('is none of %s', (text) =>
    expect(decodeState(text)).toBeUndefined(),
  );
});

describe('the catalogue of a box', () => {
  const POINT = {
    id: 3,
    path: 'pcc/power/active',
    unit: 'W',
    type: 'number',
    kind: 'measurement',
    obis: '1-0:16.7.0',
    every: 0,
  };
  const of = (points: unknown, devices: unknown = []) => decodeCatalogue(json({ v: 1, hash: 'h', points, devices }));

  it('has its points and devices', () => {
    const devices = [{ name: 'pcc', instance: 'p1', kind: 'meter', online: true, since: 1, serial: 'S' }];
    expect(of([POINT], devices)).toEqual({ hash: 'h', points: [POINT], devices: [{ name: 'pcc', kind: 'meter', online: true, serial: 'S' }], skipped: 0 }); // prettier-ignore
  });

  it.each([
    ...[
      null,
      5,
      [],
      {},
      { ...POINT, id: -1 },
      { ...POINT, id: 1.5 },
      { ...POINT, path: 'pcc' },
      { ...POINT, path: 'Pcc/x' },
    ],
    ...[
      { ...POINT, path: '+/x' },
      { ...POINT, path: 5 },
      { ...POINT, type: 'complex' },
      { ...POINT, kind: 'gauge' },
      { ...POINT, type: 'constructor' },
    ],
  ])('has no point in %j', (raw) => expect(of([raw, POINT])).toMatchObject({ points: [POINT], skipped: 1 }));

  it('takes a path once, and what is no unit, code or window for none', () => {
    expect(of([POINT, { ...POINT, id: 4 }])).toMatchObject({ points: [{ id: 3 }], skipped: 1 });
    expect(of([{ ...POINT, unit: 5, obis: 'x', every: -1 }])!.points).toEqual([{ id: 3, path: 'pcc/power/active', unit: null, type: 'number', kind: 'measurement' }]); // prettier-ignore
  });

  it.each([
    ...NONE,
    json({ v: 2, hash: 'h', points: [] }),
    json({ v: 1, points: [] }),
    json({ v: 1, hash: 'h', points: {} }),
  ])('is none of %s', (text) => expect(decodeCatalogue(text)).toBeUndefined());
});

describe('the values of a box', () => {
  const now = (v: unknown, q?: unknown) => decodeNow(json({ t: 5, v, ...(q !== undefined && { q }) }))!;

  it.each([
    ...NONE,
    json({ v: {} }),
    json({ t: '5', v: {} }),
    json({ t: 5 }),
    json({ t: 5, v: [] }),
    json({ t: 5, v: {}, q: [] }),
  ])('are none of %s', (text) => expect(decodeNow(text)).toBeUndefined());

  it('are what they say, with their quality', () => {
    const message = now({ 'a/b': 5, 'a/c': null, 'a/d': null, 'a/e': [1, 2] }, { 'a/b': 'stale', 'a/d': 'bad' });
    expect(nowSample(message, 'a/b', 'number')).toEqual({ value: 5, quality: 'stale' });
    expect(nowSample(message, 'a/c', 'number')).toEqual({ value: null, quality: 'good' });
    expect(nowSample(message, 'a/d', 'number')).toEqual({ value: null, quality: 'bad' });
    expect(nowSample(message, 'a/e', 'numbers')).toEqual({ value: [1, 2], quality: 'good' });
    expect(nowSample(message, 'a/x', 'number')).toBeUndefined();
    expect(nowSample(message, 'constructor', 'string')).toBeUndefined();
  });

  it.each([
    ['number', ['5', true, [5], {}]],
    ['string', [5, true, {}, 'x'.repeat(4001)]],
    ['boolean', [0, 1, 'true']],
    ['time', [1.5, '5', 1e300]],
    ['numbers', [5, ['1'], [null], [[1]], Array(1001).fill(1)]],
  ] as const)('of type %s are none of another', (type, wrong) => {
    for (const value of wrong)
      expect(nowSample(now({ 'a/b': value }), 'a/b', type)).toMatchObject({ value: null, quality: 'bad' });
  });

  it('are bad where their quality is no word', () => {
    for (const quality of ['fresh', 5, null, {}])
      expect(nowSample(now({ 'a/b': 5 }, { 'a/b': quality }), 'a/b', 'number')).toMatchObject({ quality: 'bad' });
  });

  it('never throw, and are finite where they are numbers', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (v, q) => {
        const message = decodeNow(json({ t: 1, v, q }));
        if (message === undefined) return;
        for (const path of Object.keys(message.values)) {
          const value = nowSample(message, path, 'number')?.value;
          expect(value === null || Number.isFinite(value)).toBe(true);
        }
      }),
    );
  });
});
