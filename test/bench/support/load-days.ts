import { LoadRecognition } from '@smx-edge/protocols/load-events';
import { HouseWindows, type WindowsOptions } from './house-windows.js';
import { LoadScorer, type LoadScore } from './load-score.js';
import { LoadTruth } from './load-truth.js';

const DAY = 86_400;
/** A week of January, so that there is light, heat and no sun to speak of. */
export const WINTER = Date.UTC(2026, 0, 12);

export type HouseOfLoads = Partial<Omit<WindowsOptions, 'seed'>>;
/** Nothing but the household. */
export const PLAIN: HouseOfLoads = { pv: 0, battery: false, ev: false, heatPump: { pump: 0 } };

/** Lets recognition look at so many days of a house, and holds it against the truth. */
export function scoreDays(seed: number, days: number, house: HouseOfLoads = PLAIN): LoadScore {
  const loads = new LoadRecognition({ phases: 3, declared: 230 });
  const truth = new LoadTruth();
  const scorer = new LoadScorer(loads, truth);
  const windows = new HouseWindows(
    { start: WINTER, ...house, seed },
    {
      second(second) {
        scorer.look(second.t);
        truth.second(second);
      },
      window: (window) => loads.take(window),
    },
  );
  windows.run(days * DAY);
  return scorer.score();
}
