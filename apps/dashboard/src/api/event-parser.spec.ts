import { EventParser } from './event-parser.js';

const STREAM =
  ': smx\n\nevent: sample\ndata: {"path":"pcc/power","v":1}\n\n: alive\n\nevent: gone\ndata: {"path":"a/b"}\n\n';

test.each([1, 3, 7, STREAM.length])('events come whole from pieces of %d letters, comments are none', (size) => {
  const seen: [string, string][] = [];
  const parser = new EventParser((name, data) => seen.push([name, data]));
  for (let at = 0; at < STREAM.length; at += size) parser.add(STREAM.slice(at, at + size));
  expect(seen).toEqual([
    ['sample', '{"path":"pcc/power","v":1}'],
    ['gone', '{"path":"a/b"}'],
  ]);
});
