import type { KnownAppliance } from './known-appliance.js';
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
    if (one.lagShare >= SLACK) return true;
    for (let k = 0; k < this.phases; k++) if (one.isOf(k) && !this.isBlind(k)) return true;
    return false;
  }

  /** Ends the least sure ones of a phase that is, and stays, below what they are said to take. */
  take(end: number): void {
    const { watch } = this;
    for (let k = 0; k < this.phases; k++) {
      const watt = watch.powerOf(k);
      if (watt < FEEDS_IN) this.feedsIn[k] = 1;
      const isBlind = this.isBlind(k);
      const most = SLACK + (isBlind ? Math.max(0, watch.reactiveOf(k)) : watt);
      if (this.sum(k, isBlind) <= most) {
        this.over[k] = 0;
        continue;
      }
      this.over[k]!++;
      if (this.over[k]! < (isBlind ? PATIENCE_ANSWERED : PATIENCE) && !watch.stands(k)) continue;
      this.over[k] = 0;
      while (this.sum(k, isBlind) > most) this.leastSure(k, isBlind).end(end, 0);
    }
  }

  /** Whether active power says nothing of what runs in a phase. */
  private isBlind(phase: number): boolean {
    return this.feedsIn[phase] === 1 || this.watch.isAnswering(phase);
  }

  /** W, or var, of those that run in a phase. */
  private sum(phase: number, isLag: boolean): number {
    let sum = 0;
    for (const one of this.known)
      if (one.isOn && one.isOf(phase)) {
        const lag = one.lagShare;
        sum += !isLag ? one.share : lag >= LAGS ? lag : 0;
      }
    return sum;
  }

  /** Of those that run in a phase. */
  private leastSure(phase: number, isLag: boolean): KnownAppliance {
    const running = this.known.filter((one) => one.runsOn(phase) && (!isLag || one.lagShare >= LAGS));
    return running.sort((a, b) => a.confidence - b.confidence)[0]!;
  }
}
