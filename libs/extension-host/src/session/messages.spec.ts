import fc from 'fast-check';
import type { ToHost } from '@smx-edge/extension-api/wire';
import { checkedMessage } from './messages.js';

const good: ToHost[] = [
  ['hello', { api: '1.0', calls: {} }],
  ['device', 1, 'pcc', {}],
  ['point', 2, 1, { path: 'power/active', unit: 'W', type: 'number', kind: 'measurement', maxAge: 0 }],
  ['s', null, [1, 2.5, 2, null, 3, 'text']],
  ['s', 1000, [1, 2.5], [[0, 3, 'why', null]]],
  ['event', 1, 1, { code: 'x', severity: 'info', state: 'once', text: '' }],
  [
    'event',
    ...([
      1,
      1,
      { code: 'x', severity: 'info', state: 'once', text: '', files: [{ name: 'a', type: 'b/c', bytes: '' }] },
    ] as const),
  ],
  ['profile', 1, 1, { id: 'P.01', period: 'month', columns: [{ obis: '1-0:1.8.0', unit: null }] }],
  ['profile-last', 1, 1, 'P.01'],
  ['profile-append', 1, 1, 'P.01', [[0, 0, '1', null]], null],
  ['state-set', 1, 'key', { any: ['thing'] }],
  ['history', 1, { match: '#', from: 0, to: 1 }],
  ['line', 1, null],
];

test.each(good.map((message) => [message[0], message] as const))(
  '%s as the runtime sends it is taken',
  (_, message) => {
    expect(checkedMessage(JSON.parse(JSON.stringify(message)))).toEqual(message);
  },
);

test.each<unknown[]>([
  [null],
  [{}],
  [[]],
  [['constructor']],
  [['__proto__']],
  [['device', -1, 'pcc', {}]],
  [['device', 1, 'x'.repeat(201), {}]],
  [['device', 1, 'pcc', {}, 'more']],
  [['point', 1, 1, { path: 'a', unit: 'W', type: 'complex', kind: 'measurement', maxAge: 0 }]],
  [['point', 1, 1, { path: 'a', unit: 'W', type: 'number', kind: 'measurement', maxAge: -1 }]],
  [['s', null, [1, 2, 3]]],
  [['s', null, [1, 2], [[-1, 0, null, null]]]],
  [['s', 'now', [1, 2]]],
  [['event', 1, 1, { code: 'x', severity: 'loud', state: 'once', text: '' }]],
  [['event', 1, 1, { code: 'x', severity: 'info', state: 'once', text: '', files: [{ name: 1 }] }]],
  [['profile', 1, 1, { id: 1, period: 0, columns: [] }]],
  [['profile', 1, 1, { id: 'a', period: 0, columns: 'all' }]],
  [['profile-append', 1, 1, 'P.01', [5], null]],
  [['profile-append', 1, 1, 'P.01', [], 'x'.repeat(65)]],
])('%j is not taken', (message) => {
  expect(() => checkedMessage(message)).toThrow(expect.objectContaining({ code: 'SMX_EXTENSION_DIED' }));
});

test('whatever comes is either a whole message or refused with a code', () => {
  const near = fc
    .tuple(fc.constantFrom(...good), fc.nat(4), fc.jsonValue())
    .map(([message, at, value]) => [...message.slice(0, at), value, ...message.slice(at + 1)]);
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), near), (message) => {
      try {
        const taken = checkedMessage(message);
        expect(Array.isArray(taken)).toBe(true);
      } catch (error) {
        expect(error).toMatchObject({ code: 'SMX_EXTENSION_DIED' });
      }
    }),
    { numRuns: 2000 },
  );
});
