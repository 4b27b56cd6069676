import { LoadRecognition, type LoadWindow } from '@smx-edge/protocols/load-events';
import type { Bench, BenchRow } from './row.js';
import { busyLoads } from './support/busy-house.js';
import { cpuMs } from './support/cpu.js';
import { HouseWindows } from './support/house-windows.js';
import { PLAIN, scoreDays, WINTER, type HouseOfLoads } from './support/load-days.js';
import type { LoadScore } from './support/load-score.js';
import { scoreSamples } from './support/s1-chain.js';

const LONG = process.env['SMX_BENCH_LONG'] === '1';
/** No rule was made for any of these; their results were looked at between changes. */
const SEEDS = LONG ? [101, 102, 103, 104, 105, 106, 107, 108] : [101, 102, 103];
const DAYS = LONG ? 14 : 1;
/** Windows that are kept and repeated for the cost. */
const HOURS = 1;
const TURNS = 20;
/** PV, a battery that follows, a heat pump and a car, in March, April and October by turns. */
const MONTHS = [Date.UTC(2026, 2, 12), Date.UTC(2026, 3, 21), Date.UTC(2026, 9, 20)];
const inverter = (seed: number): HouseOfLoads => ({ start: MONTHS[(seed - SEEDS[0]!) % MONTHS.length]! });
/** The same with a battery in the first phase, where the PV is too. */
const onePhase = (seed: number): HouseOfLoads => ({ ...inverter(seed), battery: { phases: [0], power: 3000 } });
/** Seconds of samples, from six of a winter evening on, when much runs, and share of their frames that is lost on the way. */
const SAMPLED = 3600;
const EVENING = Date.UTC(2026, 0, 12, 17);
const LOSS = 0.001;

type Row = BenchRow & { readonly better: 'more' | 'less' };
type Figure = readonly [what: string, figure: number, target: number, better: 'more' | 'less'];

const mean = (list: readonly number[]): number => list.reduce((sum, each) => sum + each, 0) / list.length;

function rowsOf(name: string, scores: readonly LoadScore[]): Row[] {
  const of = (pick: (score: LoadScore) => number): number => 100 * mean(scores.map(pick));
  const figures: Figure[] = [
    ['steps told that were so', of((each) => each.stepPrecision), 95, 'more'],
    ['steps that were told', of((each) => each.stepRecall), 95, 'more'],
    ['runs told that were so', of((each) => each.runPrecision), 90, 'more'],
    ['runs that were told', of((each) => each.runRecall), 90, 'more'],
    ['energy with the right appliance', of((each) => each.assigned), 90, 'more'],
    ['energy told beyond it', of((each) => each.beyond), 10, 'less'],
    ['energy told while it was taken', of((each) => each.timely), 80, 'more'],
    ['energy of an appliance, median error', of((each) => each.energyError), 5, 'less'],
    ['confidence, mean distance from the share of right runs', of((each) => each.calibration), 10, 'less'],
    ['confidence by energy, from the share that is right', of(({ energyConfidence, rightEnergy }) => Math.abs(energyConfidence - rightEnergy)), 10, 'less'], // prettier-ignore
  ];
  return figures.map(([what, figure, target, better]) => ({
    ...{ name: `load events: ${name}, ${what}`, figure, unit: '%', target, limit: null, better },
  }));
}

const score = (name: string, house: (seed: number) => HouseOfLoads): Row[] =>
  rowsOf(
    name,
    SEEDS.map((seed) => scoreDays(seed, DAYS, house(seed))),
  );

/** Of single hours: too few runs for shares of them. */
function sampled(): Row[] {
  const scores = SEEDS.slice(0, 2).map((seed) =>
    scoreSamples({ ...PLAIN, start: EVENING, seed, loads: busyLoads }, { seconds: SAMPLED, loss: LOSS }),
  );
  const isOfRuns = ({ name }: Row): boolean => /runs|confidence/.test(name);
  return [
    ...rowsOf(
      'an hour of S1 samples',
      scores.map(({ whole }) => whole),
    ),
    ...rowsOf(
      'an hour of S1 samples, one of 1000 frames lost',
      scores.map(({ lossy }) => lossy),
    ),
  ].filter((row) => !isOfRuns(row));
}

/** % of a core at real time, and bytes for the collector by window, of an hour that is repeated. */
function cost(): Row[] {
  const loads = new LoadRecognition({ phases: 3, declared: 230 });
  const kept: LoadWindow[] = [];
  const windows = new HouseWindows(
    { ...PLAIN, start: WINTER, seed: 1, loads: busyLoads },
    {
      second: () => {},
      window: (w) =>
        kept.push({
          ...w,
          voltage: w.voltage.slice(),
          active: w.active.slice(),
          reactive: w.reactive.slice(),
          currentHarmonics: w.currentHarmonics.map((each) => each.slice(0, 8)),
        }),
    },
  );
  windows.run(HOURS * 3600);
  const turn = (n: number, take: (window: LoadWindow) => void): void => {
    for (let k = 0; k < kept.length; k++) {
      const window = kept[k]! as { start: number; end: number };
      window.start += n === 0 ? 0 : HOURS * 3_600_000;
      window.end += n === 0 ? 0 : HOURS * 3_600_000;
      take(kept[k]!);
    }
  };
  let turns = 0;
  const measure = (take: (window: LoadWindow) => void): number => {
    const bytes: number[] = [];
    let last = process.memoryUsage().heapUsed;
    for (let n = 0; n < TURNS; n++) {
      turn(turns++, take);
      const used = process.memoryUsage().heapUsed;
      if (used >= last) bytes.push((used - last) / kept.length);
      last = used;
    }
    return bytes.sort((a, b) => a - b)[bytes.length >> 1] ?? 0;
  };
  const take = (window: LoadWindow): void => loads.take(window);
  // the compiler is done by then
  for (let k = 0; k < 3; k++) measure(take);
  const begun = cpuMs();
  const left = measure(take);
  const share = (cpuMs() - begun) / (TURNS * HOURS * 3_600_000);
  // what the repeating itself leaves
  const own = measure(() => {});
  return [
    {
      name: 'load events: at real time, of a core',
      figure: 100 * share,
      unit: '%',
      target: 1,
      limit: null,
      better: 'less',
    },
    { name: 'load events: left for the collector by a window', figure: Math.max(0, left - own), unit: 'B', target: 16, limit: null, better: 'less' }, // prettier-ignore
  ];
}

export const bench: Bench = {
  name: 'load-events',
  run: () =>
    Promise.resolve([
      ...cost(),
      ...score('a family', () => PLAIN),
      ...score('a busy house', () => ({ ...PLAIN, loads: busyLoads })),
      ...score('PV, battery, heat pump and car', inverter),
      ...score('a battery in one phase', onePhase),
      ...sampled(),
    ]),
};
