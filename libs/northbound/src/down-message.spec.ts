import fc from 'fast-check';
import { parseDown } from './down-message.js';
import { DOWN_KINDS } from './topics.js';

describe('messages on down topics', () => {
  it('gives id and body of a JSON object', () => {
    expect(parseDown('cmd', Buffer.from('{"id":"a1","point":"x/y"}'))).toEqual({
      id: 'a1',
      body: { id: 'a1', point: 'x/y' },
    });
    expect(parseDown('hb', Buffer.from('{}'))).toEqual({ id: null, body: {} });
  });

  it('takes a SenML pack as a schedule only', () => {
    const pack = '[{"bn":"urn:1","v":3},{"v":4}]';
    expect(parseDown('schedule', Buffer.from(pack))).toMatchObject({
      id: 'urn:1',
      body: { senml: [{ v: 3 }, { v: 4 }] },
    });
    expect(parseDown('cmd', Buffer.from(pack))).toMatchObject({ id: null, reason: expect.stringContaining('object') });
  });

  it.each([
    ['nonsense'],
    ['null'],
    ['3'],
    ['{}'],
    ['{"id":3}'],
    ['{"id":""}'],
    [`{"id":"${'x'.repeat(129)}"}`],
    ['\u0000'],
  ])('says what is wrong with %s', (payload) =>
    expect(parseDown('cmd', Buffer.from(payload))).toMatchObject({ id: null, reason: expect.any(String) }),
  );

  it('throws on no bytes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...DOWN_KINDS),
        fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from)),
        (kind, bytes) => {
          parseDown(kind, Buffer.from(bytes));
        },
      ),
    );
    parseDown('cmd', Buffer.from('['.repeat(50_000)));
    parseDown('cmd', Buffer.from('{"id":"a","x":'.concat('['.repeat(20_000), ']'.repeat(20_000), '}')));
  });
});
