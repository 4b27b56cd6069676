import { parseSource } from './source.js';
import { absoluteSource, sourceFiles } from './source-files.js';

test.each([
  ['file:line.cap?speed=max', 'file:/etc/smx/line.cap?speed=max'],
  ['file:../line.cap', 'file:/etc/line.cap'],
  ['file:/var/line.cap?loop=true', 'file:/var/line.cap?loop=true'],
  ['tcp://127.0.0.1:2001', 'tcp://127.0.0.1:2001'],
  ['serial:/dev/ttyUSB0?baud=9600', 'serial:/dev/ttyUSB0?baud=9600'],
])('the relative path in %s counts from the folder', (text, expected) => {
  expect(absoluteSource(text, '/etc/smx')).toBe(expected);
});

test('the certificates of a source count from the folder too, and the rest of its query stays', () => {
  const text = absoluteSource('https://meter/t?unit=1&ca=pki/a+b.pem&key=/k.pem', '/etc/smx');
  expect(parseSource(text)).toMatchObject({ url: 'https://meter/t?unit=1', ca: '/etc/smx/pki/a b.pem', key: '/k.pem' });
  expect(sourceFiles(text)).toEqual(['/etc/smx/pki/a b.pem', '/k.pem']);
});

test('a folder with signs that mean something in a source is still found', () => {
  const text = absoluteSource('file:a.cap', '/srv/50% off?/x');
  expect(sourceFiles(text)).toEqual(['/srv/50% off?/x/a.cap']);
});

test('a mistyped scheme is told with the one that was meant', () => {
  expect(() => parseSource('tpc://127.0.0.1:2001')).toThrow('did you mean "tcp"?');
  expect(() => parseSource('seriel:/dev/ttyUSB0')).toThrow('did you mean "serial"?');
  expect(() => parseSource('/dev/ttyUSB0')).toThrow('expected one of serial:');
});
