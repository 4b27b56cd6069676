import type { LoadRecognition, LoadStep } from '@smx-edge/protocols/load-events';
import type { LoadTruth, TrueStep } from './load-truth.js';

/** ms by which a told step may be off, and by which the end of a run may. */
const NEAR = 2500;
const END = 10_000;
/** Share and W by which its power may be off. */
const SHARE = 0.12;
const WATT = 20;

interface Run {
  readonly id: string;
  readonly begin: number;
  readonly confidence: number;
  readonly origin: string | undefined;
  /** ms UTC at which its end was told, and when it was by that. */
  end: number;
  until: number;
  /** Wh told of it, and of its appliance before. */
  energy: number;
  readonly before: number;
}

export interface LoadScore {
  readonly stepPrecision: number;
  readonly stepRecall: number;
  readonly runPrecision: number;
  readonly runRecall: number;
  /**
   * Share of the appliances' energy that stands with the right one, what was told beyond what they took, as a share of it
   * too, and what of it was told while it was taken, each run by its mean power.
   */
  readonly assigned: number;
  readonly beyond: number;
  readonly timely: number;
  /** Median over appliances of |told - true| / true. */
  readonly energyError: number;
  /** Mean over runs of |confidence - right|, in bins: how far confidence is from the share of right runs. */
  readonly calibration: number;
  /** Share of what was told, in Wh, that was taken then, and confidence averaged by those Wh. */
  readonly rightEnergy: number;
  readonly energyConfidence: number;
  /** By tenth of confidence: runs, and those right. */
  readonly bins: readonly { readonly mean: number; readonly runs: number; readonly right: number }[];
  readonly appliances: readonly { readonly name: string; readonly told: number; readonly real: number }[];
}

/** Holds what recognition tells against what was. */
export class LoadScorer {
  private readonly steps: LoadStep[] = [];
  private readonly runs: Run[] = [];
  private readonly open = new Map<string, Run>();
  /** What was last told of each. */
  private readonly confidence = new Map<string, number>();
  private now = NaN;

  constructor(
    private readonly loads: LoadRecognition,
    private readonly truth: LoadTruth,
  ) {
    loads.onStep((step) => this.steps.push(step));
  }

  /** After each second. */
  look(t: number): void {
    this.now = t;
    for (const { id, since, confidence, energy, lastSeen } of this.loads.appliances) {
      const run = this.open.get(id);
      this.confidence.set(id, confidence);
      if (run !== undefined) run.energy = energy - run.before;
      if (run !== undefined && run.begin !== since) {
        run.end = t;
        run.until = since === null ? lastSeen : since;
        this.open.delete(id);
      }
      if (since === null || run?.begin === since) continue;
      const origin = this.originOf(id, since);
      const begun = { id, begin: since, confidence, origin, end: Infinity, until: Infinity, energy: 0, before: energy };
      this.open.set(id, begun);
      this.runs.push(begun);
    }
  }

  score(): LoadScore {
    const labels = this.label();
    const real = this.truth.lasting;
    const matched = new Set<TrueStep>();
    for (const step of this.steps) {
      const found = real.find((each) => !matched.has(each) && isSame(step, each));
      if (found !== undefined) matched.add(found);
    }
    const ended = this.runs.filter(({ end }) => end < Infinity);
    const right = ended.filter((run) => this.isRight(run, labels));
    const ups = real.filter(({ power }) => power > 0);
    const begun = ups.filter((up) =>
      right.some(({ begin, origin }) => origin === up.name && Math.abs(begin - up.t) <= NEAR),
    );
    return {
      stepPrecision: matched.size / this.steps.length,
      stepRecall: matched.size / real.length,
      runPrecision: right.length / ended.length,
      runRecall: begun.length / ups.length,
      ...this.energies(labels),
      ...calibrationOf(ended, new Set(right)),
    };
  }

  private originOf(id: string, t: number): string | undefined {
    const { phases, power } = this.loads.appliances.find((one) => one.id === id)!;
    const near = this.truth.steps.filter((each) => each.power > 0 && Math.abs(each.t - t) <= NEAR);
    const same = near.filter((each) => each.phases.join() === phases.join());
    return same.sort((a, b) => Math.abs(a.power - power) - Math.abs(b.power - power))[0]?.name;
  }

  /** Each known one is what most of its runs began as. */
  private label(): Map<string, string | undefined> {
    const counts = new Map<string, Map<string | undefined, number>>();
    for (const { id, origin } of this.runs) {
      const of = counts.get(id) ?? new Map<string | undefined, number>();
      of.set(origin, (of.get(origin) ?? 0) + 1);
      counts.set(id, of);
    }
    return new Map([...counts].map(([id, of]) => [id, [...of].sort((a, b) => b[1] - a[1])[0]![0]]));
  }

  private isRight({ id, origin, end }: Run, labels: ReadonlyMap<string, string | undefined>): boolean {
    if (origin === undefined || labels.get(id) !== origin) return false;
    return this.truth.steps.some(({ name, power, t }) => name === origin && power < 0 && Math.abs(t - end) <= END);
  }

  private energies(
    labels: ReadonlyMap<string, string | undefined>,
  ): Pick<
    LoadScore,
    'assigned' | 'beyond' | 'timely' | 'energyError' | 'rightEnergy' | 'energyConfidence' | 'appliances'
  > {
    const told = new Map<string | undefined, number>();
    let [sum, sure] = [0, 0];
    for (const { id, energy } of this.runs) {
      sum += energy;
      sure += energy * this.confidence.get(id)!;
      const name = labels.get(id);
      told.set(name, (told.get(name) ?? 0) + energy);
    }
    const appliances = [...this.truth.energy].map(([name, real]) => ({ name, told: told.get(name) ?? 0, real }));
    const total = appliances.reduce((all, { real }) => all + real, 0);
    const least = appliances.reduce((all, each) => all + Math.min(each.told, each.real), 0);
    const right = appliances.reduce((all, { name }) => all + this.overlap(name, labels), 0);
    const errors = appliances.filter(({ real }) => real > 0).map((each) => Math.abs(each.told - each.real) / each.real);
    errors.sort((a, b) => a - b);
    return {
      ...{
        assigned: least / total,
        beyond: (sum - least) / total,
        timely: right / total,
        energyError: errors[errors.length >> 1]!,
        appliances,
      },
      ...{ rightEnergy: right / sum, energyConfidence: sure / sum },
    };
  }

  /** Wh of an appliance that were told of it while it took them. */
  private overlap(name: string, labels: ReadonlyMap<string, string | undefined>): number {
    const real = this.truth.power.get(name)!;
    const { start } = this.truth;
    const told = new Float64Array(real.length);
    for (const { id, begin, until, energy } of this.runs) {
      if (labels.get(id) !== name) continue;
      const from = Math.max(0, Math.floor((begin - start) / 1000));
      const to = Math.max(from + 1, Math.round((Math.min(until, this.now) - start) / 1000));
      for (let k = from; k < Math.min(to, told.length); k++) told[k]! += (3600 * energy) / (to - from);
    }
    return told.reduce((all, watt, k) => all + Math.min(watt, real[k] ?? 0), 0) / 3600;
  }
}

function isSame(step: LoadStep, real: TrueStep): boolean {
  return (
    Math.abs(step.t - real.t) <= NEAR &&
    step.phases.join() === real.phases.join() &&
    Math.abs(step.power - real.power) <= Math.max(WATT, SHARE * Math.abs(real.power))
  );
}

function calibrationOf(runs: readonly Run[], right: ReadonlySet<Run>): Pick<LoadScore, 'calibration' | 'bins'> {
  const bins = Array.from({ length: 10 }, () => ({ sum: 0, runs: 0, right: 0 }));
  for (const run of runs) {
    const bin = bins[Math.min(9, Math.floor(run.confidence * 10))]!;
    bin.sum += run.confidence;
    bin.runs++;
    if (right.has(run)) bin.right++;
  }
  const off = bins.reduce((sum, bin) => sum + Math.abs(bin.sum - bin.right), 0);
  const told = bins.map(({ sum, ...rest }) => ({ mean: sum / Math.max(1, rest.runs), ...rest }));
  return { calibration: off / Math.max(1, runs.length), bins: told };
}
