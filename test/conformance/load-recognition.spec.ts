import { busyLoads } from '../bench/support/busy-house.js';
import { PLAIN, scoreDays } from '../bench/support/load-days.js';
import type { LoadScore } from '../bench/support/load-score.js';

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
  expect(score.calibration).toBeLessThan(0.1);
});

/** How far the confidence of what was told, by energy, is from the share of it that was taken then. */
const overconfidence = ({ energyConfidence, rightEnergy }: LoadScore): number => energyConfidence - rightEnergy;

it('tells little that was not taken where a battery answers all that is, and is no surer than it is right', () => {
  const score = scoreDays(201, 1, { start: Date.UTC(2026, 2, 20) });
  expect(score.stepPrecision).toBeGreaterThan(0.9);
  expect(score.stepRecall).toBeGreaterThan(0.9);
  expect(score.runPrecision).toBeGreaterThan(0.85);
  expect(score.beyond).toBeLessThan(0.15);
  expect(score.calibration).toBeLessThan(0.15);
  expect(overconfidence(score)).toBeLessThan(0.15);
});
