import { busyLoads } from '../bench/support/busy-house.js';
import { PLAIN, scoreDays } from '../bench/support/load-days.js';

/** What recognition must not fall below on days of the virtual house that it was not made by; figures are in the bench. */
it('tells the appliances of a busy house for what they are, for the greater part', () => {
  const score = scoreDays(201, 1, { ...PLAIN, loads: busyLoads });
  expect(score.stepPrecision).toBeGreaterThan(0.95);
  expect(score.stepRecall).toBeGreaterThan(0.95);
  expect(score.runPrecision).toBeGreaterThan(0.9);
  expect(score.runRecall).toBeGreaterThan(0.9);
  expect(score.assigned).toBeGreaterThan(0.9);
  expect(score.beyond).toBeLessThan(0.15);
  expect(score.energyError).toBeLessThan(0.05);
  expect(score.calibration).toBeLessThan(0.15);
});
