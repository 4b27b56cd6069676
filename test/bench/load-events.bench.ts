import { LoadRecognition } from '@smx-edge/protocols/load-events';
import type { Bench, BenchRow } from './row.js';
import { busyLoads } from './support/busy-house.js';
import { cpuMs } from './support/cpu.js';
import { HouseWindows } from './support/house-windows.js';
import { PLAIN, scoreDays, WINTER } from './support/load-days.js';

/** None of these was looked at while it was made. */
const SEEDS = process.env['SMX_BENCH_LONG'] === '1' ? [101, 102, 103, 104, 105, 106, 107, 108] : [101, 102];
const DAYS = process.env['SMX_BENCH_LONG'] === '1' ? 14 : 1;
/** Windows that are kept and repeated for the cost. */
const HOURS = 1;
const TURNS = 20;
/** PV, a battery that follows, a heat pump and a car: what is measured contradicts nothing. */
const INVERTER = { start: Date.UTC(2026, 2, 12) };

type Row = BenchRow & { readonly better: 'more' | 'less' };
type Figure = readonly [what: string, figure: number, target: number, better: 'more' | 'less'];

const mean = (list: readonly number[]): number => list.reduce((sum, each) => sum + each, 0) / list.length;

function score(name: string, house: Parameters<typeof scoreDays>[2]): Row[] {
  const scores = SEEDS.map((seed) => scoreDays(seed, DAYS, house));
  const of = (pick: (score: (typeof scores)[number]) => number): number => 100 * mean(scores.map(pick));
  const figures: Figure[] = [
    ['steps told that were so', of((each) => each.stepPrecision), 95, 'more'],
    ['steps that were told', of((each) => each.stepRecall), 95, 'more'],
    ['runs told that were so', of((each) => each.runPrecision), 90, 'more'],
    ['runs that were told', of((each) => each.runRecall), 90, 'more'],
    ['energy with the right appliance', of((each) => each.assigned), 90, 'more'],
    ['energy told beyond it', of((each) => each.beyond), 10, 'less'],
    ['energy of an appliance, median error', of((each) => each.energyError), 5, 'less'],
    ['confidence, mean distance from the share of right runs', of((each) => each.calibration), 10, 'less'],
    ['confidence by energy, from the share that is right', of(({ energyConfidence, rightEnergy }) => Math.abs(energyConfidence - rightEnergy)), 10, 'less'], // prettier-ignore
  ];
  return figures.map(([what, figure, target, better]) => ({
    ...{ name: `load events: ${name}, ${what}`, figure, unit: '%', target, limit: null, better },
  }));
}

/** % of a core at real time, and bytes for the collector by window, of an hour that is repeated. */
function cost(): Row[] {
  const loads = new LoadRecognition({ phases: 3, declared: 230 });
  const kept: Parameters<LoadRecognition['take']>[0][] = [];
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
  const turn = (n: number): void => {
    for (let k = 0; k < kept.length; k++) {
      const window = kept[k]! as { start: number; end: number };
      window.start += n === 0 ? 0 : HOURS * 3_600_000;
      window.end += n === 0 ? 0 : HOURS * 3_600_000;
      loads.take(kept[k]!);
    }
  };
  turn(0);
  turn(1);
  const [begun, before] = [cpuMs(), process.memoryUsage().heapUsed];
  const bytes: number[] = [];
  let last = before;
  for (let n = 0; n < TURNS; n++) {
    turn(2 + n);
    const used = process.memoryUsage().heapUsed;
    if (used >= last) bytes.push((used - last) / kept.length);
    last = used;
  }
  const share = (cpuMs() - begun) / (TURNS * HOURS * 3_600_000);
  bytes.sort((a, b) => a - b);
  return [
    {
      name: 'load events: at real time, of a core',
      figure: 100 * share,
      unit: '%',
      target: 1,
      limit: null,
      better: 'less',
    },
    { name: 'load events: left for the collector by a window', figure: bytes[bytes.length >> 1] ?? 0, unit: 'B', target: 16, limit: null, better: 'less' }, // prettier-ignore
  ];
}

export const bench: Bench = {
  name: 'load-events',
  run: () =>
    Promise.resolve([
      ...score('a family', PLAIN),
      ...score('a busy house', { ...PLAIN, loads: busyLoads }),
      ...score('PV, battery, heat pump and car', INVERTER),
      ...cost(),
    ]),
};
