import { LoadFeed } from '../../libs/protocols/test-support/load-feed.js';
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

const running = ({ loads }: LoadFeed): unknown[] =>
  loads.appliances.filter(({ isOn }) => isOn).map(({ phases, drawn }) => [phases.join(' '), Math.round(drawn)]);

it('tells two that switch at once in two phases as two', () => {
  const house = LoadFeed.begin().add(1200, 0).add(700, 2, 300).run(4);
  expect(running(house)).toEqual([
    ['l1', 1200],
    ['l3', 700],
  ]);
  expect(running(house.add(-1200, 0).add(-700, 2, -300).run(4))).toEqual([]);
});

it('ends two of one phase that go off at once, and tells two that come at once as one of both powers until one goes', () => {
  const house = LoadFeed.begin().add(1200).run(4).add(700).run(4);
  expect(running(house.add(-1900).run(4))).toEqual([]);
  expect(running(house.add(1900).run(4))).toEqual([['l1', 1900]]);
  expect(running(house.add(-700).run(4))).toEqual([['l1', 1200]]);
  expect(running(house.add(-1200).run(4))).toEqual([]);
});

it('tells an inrush upon an inrush as one step of what stays, with the highest peak', () => {
  const house = LoadFeed.begin();
  // a compressor starts, and in its inrush a vacuum cleaner
  house.add(900).run(0.4).add(2400).run(0.2).add(-1700).run(0.4).add(-800).run(4);
  expect(house.steps.map(({ power }) => Math.round(power))).toEqual([800]);
  expect(house.steps[0]!.peak).toBeCloseTo(3300 / 800, 6);
  expect(running(house)).toEqual([['l1', 800]]);
});
