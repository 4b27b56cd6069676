import { hasRecordedPower, integrateRecorded } from '../bench/support/recorded-power.js';

(hasRecordedPower() ? it : it.skip)('the integral of recorded power is what the meter counted', async () => {
  const { consumed, net, produced, coverage, samples } = await integrateRecorded();
  expect(samples).toBe(3548);
  expect(Math.abs(consumed)).toBeLessThan(1.5);
  expect(Math.abs(net)).toBeLessThan(1);
  // 109 Wh were fed in, in peaks that samples of a minute do not see: the reference is 150 Wh off
  expect(Math.abs(produced)).toBeLessThan(160);
  expect(coverage).toBeGreaterThan(99);
});
