import type { KnownAppliance } from './known-appliance.js';
import type { LoadWindow } from './load-window.js';
import type { StepWatch } from './step-watch.js';

/** W, and var, by which the running ones of a phase may be above what is measured, and windows for which they must be. */
const SLACK = 60;
const PATIENCE = 25;
/** As many where an inverter answers: a step of which it answers a part takes until it has done so. */
const PATIENCE_ANSWERED = 65;
/** var of those that it counts among. */
const LAGS = 30;
/** W below which a phase feeds in: what is measured there is no longer what its appliances take. */
const FEEDS_IN = -50;

/**
 * Holds those that run against what is measured: they cannot take more. Where a phase feeds in, or an inverter holds the
 * connection at zero, active power says nothing of them any more; reactive power does, as far as they take any.
 */
export class MeasuredBounds {
  private readonly over: Int32Array;
  private readonly feedsIn: Uint8Array;

  constructor(
    private readonly known: readonly KnownAppliance[],
    private readonly phases: number,
    private readonly watch: StepWatch,
  ) {
    this.over = new Int32Array(phases);
    this.feedsIn = new Uint8Array(phases);
  }

  /** Whether what is measured can contradict that it runs. */
  isChecked(one: KnownAppliance): boolean {
    for (let k = 0; k < this.phases; k++) if (one.isOf(k) && !this.isBlind(k)) return true;
    return one.lagShare >= SLACK;
  }

  /** Ends the least sure ones of a phase that is, and stays, below what they are said to take. */
  take(window: LoadWindow): void {
    for (let k = 0; k < this.phases; k++) {
      if (this.watch.powerOf(k) < FEEDS_IN) this.feedsIn[k] = 1;
      if (!this.isOver(k)) {
        this.over[k] = 0;
        continue;
      }
      this.over[k]!++;
      const patience = this.isBlind(k) ? PATIENCE_ANSWERED : PATIENCE;
      if (this.over[k]! < patience && !this.watch.stands(k)) continue;
      this.over[k] = 0;
      while (this.isOver(k)) this.leastSure(k).end(window.end, 0);
    }
  }

  /** Whether active power says nothing of what runs in a phase. */
  private isBlind(phase: number): boolean {
    return this.feedsIn[phase] === 1 || this.watch.isAnswering(phase);
  }

  /** Whether those that run in a phase are said to take more W, or var, than are measured. */
  private isOver(phase: number): boolean {
    const isBlind = this.isBlind(phase);
    let sum = 0;
    for (const one of this.known) {
      if (!one.isOn || !one.isOf(phase)) continue;
      if (!isBlind) sum += one.share;
      else if (one.lagShare >= LAGS) sum += one.lagShare;
    }
    const { watch } = this;
    return sum > SLACK + (isBlind ? Math.max(0, watch.reactiveOf(phase)) : watch.powerOf(phase));
  }

  /** Of those that run in a phase. */
  private leastSure(phase: number): KnownAppliance {
    const isBlind = this.isBlind(phase);
    const running = this.known.filter((one) => one.runsOn(phase) && (!isBlind || one.lagShare >= LAGS));
    return running.sort((a, b) => a.confidence - b.confidence)[0]!;
  }
}
