import fc from 'fast-check';
import { CaptureReader, CaptureWriter, isCapture, readCapture } from './capture.js';

const BEGIN = Date.UTC(2026, 0, 1);

describe('capture', () => {
  it('is text a person can read', () => {
    const writer = new CaptureWriter(BEGIN, 'serial:/dev/ttyUSB0');
    const text =
      writer.head() +
      writer.line('out', Buffer.from('/?!\r\n'), BEGIN + 5) +
      writer.line('in', Buffer.from([0x2f, 0x5c, 0x00, 0x80, 0xff, 0x20]), BEGIN + 1200) +
      writer.line('gap', new Uint8Array(0), BEGIN + 1300);
    expect(text).toBe(
      'smx-capture 1 2026-01-01T00:00:00.000Z serial:/dev/ttyUSB0\n' +
        '5 > /?!\\r\\n\n' +
        '1200 < /\\\\\\x00\\x80\\xff \n' +
        '1300 !\n',
    );
    expect(isCapture(Buffer.from(text))).toBe(true);
    expect(readCapture(Buffer.from(text))).toMatchObject({ begin: BEGIN, source: 'serial:/dev/ttyUSB0', bad: 0 });
  });

  it('gives back what was recorded, in chunks of any size', () => {
    const record = fc.record({
      direction: fc.constantFrom('in' as const, 'out' as const),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 80 }),
      wait: fc.nat({ max: 5000 }),
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 30 }), fc.integer({ min: 1, max: 50 }), (records, size) => {
        const writer = new CaptureWriter(BEGIN, 'tcp://h:1');
        let t = BEGIN;
        let text = writer.head();
        const expected = records.map(({ direction, bytes, wait }) => {
          t += wait;
          text += writer.line(direction, bytes, t);
          return { t: t - BEGIN, direction, bytes: Buffer.from(bytes) };
        });
        const reader = new CaptureReader();
        const all = Buffer.from(text, 'latin1');
        const got = [];
        for (let at = 0; at < all.length; at += size) got.push(...reader.push(all.subarray(at, at + size)));
        got.push(...reader.end());
        expect(got.map((one) => ({ ...one, bytes: Buffer.from(one.bytes) }))).toEqual(expected);
        expect(reader.bad).toBe(0);
      }),
    );
  });

  it('does not let time run backwards where the clock was set back', () => {
    const writer = new CaptureWriter(BEGIN, 'x');
    expect(writer.line('in', Buffer.from('a'), BEGIN + 5000)).toMatch(/^5000 /);
    expect(writer.line('in', Buffer.from('b'), BEGIN - 9000)).toMatch(/^5000 /);
  });

  it('leaves out and counts what is torn or edited wrongly, and reads on', () => {
    const text =
      'smx-capture 1 when? tcp://h:1\r\n# a remark\r\n\r\n1 < good\r\nx < bad time\n2 ? bad sign\n3 < bad \\q\n4 < bad \\xZZ\n5 < also good\n6 < torn \\x';
    const capture = readCapture(Buffer.from(text));
    expect(capture.records.map((one) => Buffer.from(one.bytes).toString())).toEqual(['good', 'also good']);
    expect(capture).toMatchObject({ begin: undefined, source: 'tcp://h:1', bad: 5 });
  });

  it('reads any bytes without throwing', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void readCapture(bytes)));
  });
});
