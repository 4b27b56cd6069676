import { variableByteIntegers } from './packet-buffers.js';
import { generate } from 'mqtt-packet';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const hex = (n: number): string => variableByteIntegers()(n).toString('hex');

test.each([
  [0, '00'],
  [127, '7f'],
  [128, '8001'],
  [16_383, 'ff7f'],
  [16_384, '808001'],
  [2_097_151, 'ffff7f'],
  [2_097_152, '80808001'],
  [268_435_455, 'ffffff7f'],
])('%i is written as MQTT 5.0 clause 1.5.5 says', (n, bytes) => expect(hex(n)).toBe(bytes));

test('lengths that the packet writer keeps hold little else', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const payload = Buffer.alloc(4000);
  const write = (n: number): void =>
    void generate({ cmd: 'publish', topic: 't', payload: payload.subarray(0, n), qos: 0, dup: false, retain: false });
  write(1);
  collect();
  const before = process.memoryUsage().arrayBuffers;
  for (let n = 0; n < 4000; n++) write(n);
  const grown = (): number => process.memoryUsage().arrayBuffers - before;
  // what is collected is swept by another thread, and counted until then
  for (let tries = 0; tries < 100 && grown() >= 100_000; tries++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(grown()).toBeLessThan(100_000);
});
