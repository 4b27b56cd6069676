import fc from 'fast-check';
import { LineSplitter } from './wire.js';

test('lines come out whole, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme' }).filter((line) => !line.includes('\n'))),
      fc.array(fc.integer({ min: 1, max: 7 })),
      (lines, cuts) => {
        const stream = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const splitter = new LineSplitter();
        const out: string[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = cuts[i % Math.max(1, cuts.length)] ?? stream.length;
          splitter.push(stream.subarray(at, at + size), (line) => out.push(line));
          at += size;
        }
        expect(out).toEqual(lines);
      },
    ),
  );
});

test('a line that is too long is refused as soon as it is, in one piece or many', () => {
  expect(() => new LineSplitter(10).push(Buffer.from('12345678901\n'), () => {})).toThrow(RangeError);
  const splitter = new LineSplitter(10);
  splitter.push(Buffer.from('123456789'), () => {});
  expect(() => splitter.push(Buffer.from('01'), () => {})).toThrow(RangeError);
});
