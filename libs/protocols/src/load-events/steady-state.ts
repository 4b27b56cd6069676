import { LOAD_PHASES, type LoadOptions, type LoadStep, type LoadWindow } from './load-window.js';

/** Windows that must agree until a state is steady. */
const HOLD = 4;
/** W in a phase by which windows of one state may differ at least, and as a share of the power. */
const CALM = 15;
const CALM_SHARE = 0.015;
/** W in a phase that make a step. */
const STEP = 30;
/** ms that may pass between two states; what takes longer is no switching. */
const LONGEST = 10_000;
/** Share of lost samples of a window that is not looked at. */
const LOST = 0.02;
/** Shares by which three phases of one appliance may differ. */
const BALANCE = 0.15;
/** Weight of a new window in a standing level: it follows slow changes without a step. */
const FOLLOW = 0.2;
const ORDERS = [3, 5, 7] as const;

/** Per phase: P, Q, harmonics 3, 5, 7. */
const WIDTH = 5;

/**
 * Finds switching steps between steady states (Hart, "Nonintrusive appliance load monitoring", 1992) of windows. Powers are
 * normalised to the declared voltage by its square, so that a change of voltage at a resistor is no step. What lies across
 * a loss, a dip or anything that is no number is not told.
 */
export class SteadyState {
  private readonly level: Float64Array;
  private readonly sum: Float64Array;
  private readonly last: Float64Array;
  private readonly now: Float64Array;
  private readonly peak: Float64Array;
  private isSteady = false;
  /** Windows that agree with the one before. */
  private calm = 0;
  private hasLast = false;
  /** When the level was left, ms UTC; NaN without one. */
  private left = NaN;

  constructor(
    private readonly options: LoadOptions,
    private readonly tell: (step: LoadStep) => void,
  ) {
    const width = options.phases * WIDTH;
    this.level = new Float64Array(width);
    this.sum = new Float64Array(width);
    this.last = new Float64Array(width);
    this.now = new Float64Array(width);
    this.peak = new Float64Array(options.phases);
  }

  /** Normalised active power of a phase in the last window, W. */
  powerOf(phase: number): number {
    return this.last[phase * WIDTH]!;
  }

  /** Whether it was of use. */
  take(window: LoadWindow): boolean {
    if (!this.read(window)) {
      this.restart();
      return false;
    }
    const isCalm = this.hasLast && this.agrees(this.last);
    this.last.set(this.now);
    this.hasLast = true;
    // what drifts away from the level without a jump is a ramp
    if (this.isSteady && isCalm) this.follow();
    else if (this.isSteady) this.leave(window.start);
    else this.settle(window.end, isCalm);
    return true;
  }

  private read({ voltage, active, reactive, currentHarmonics, lost, isFlagged }: LoadWindow): boolean {
    const { phases, declared } = this.options;
    if (isFlagged || !(lost <= LOST)) return false;
    for (let k = 0; k < phases; k++) {
      const factor = (declared / voltage[k]!) ** 2;
      const at = k * WIDTH;
      this.now[at] = active[k]! * factor;
      this.now[at + 1] = reactive[k]! * factor;
      for (let i = 0; i < ORDERS.length; i++) {
        const ampere = currentHarmonics[k]![ORDERS[i]!]!;
        this.now[at + 2 + i] = Number.isFinite(ampere) ? ampere : 0;
      }
      if (!(Math.abs(this.now[at]) < 1e6 && Math.abs(this.now[at + 1]!) < 1e6)) return false;
    }
    return true;
  }

  private restart(): void {
    this.isSteady = false;
    this.hasLast = false;
    this.calm = 0;
    this.left = NaN;
  }

  private agrees(other: Float64Array): boolean {
    for (let at = 0; at < this.now.length; at += WIDTH) {
      const power = this.now[at]!;
      if (Math.abs(power - other[at]!) > Math.max(CALM, CALM_SHARE * Math.abs(power))) return false;
    }
    return true;
  }

  private follow(): void {
    const weight = this.agrees(this.level) ? FOLLOW : 1;
    for (let i = 0; i < this.level.length; i++) this.level[i]! += weight * (this.now[i]! - this.level[i]!);
  }

  private leave(t: number): void {
    this.isSteady = false;
    this.left = t;
    this.peak.fill(0);
    this.calm = 0;
    this.look();
  }

  private settle(end: number, isCalm: boolean): void {
    if (!Number.isNaN(this.left)) this.look();
    if (!isCalm) {
      this.calm = 0;
      // a state is not left for ever: what changed meanwhile is nobody's step
      if (end - this.left > LONGEST) this.left = NaN;
      return;
    }
    if (this.calm === 0) this.sum.fill(0);
    for (let i = 0; i < this.sum.length; i++) this.sum[i]! += this.now[i]!;
    this.calm++;
    if (this.calm < HOLD) return;
    for (let i = 0; i < this.sum.length; i++) this.sum[i]! /= this.calm;
    if (!Number.isNaN(this.left)) this.tellSteps(end);
    this.level.set(this.sum);
    this.isSteady = true;
    this.left = NaN;
  }

  private look(): void {
    for (let k = 0; k < this.peak.length; k++) {
      const away = this.now[k * WIDTH]! - this.level[k * WIDTH]!;
      if (Math.abs(away) > Math.abs(this.peak[k]!)) this.peak[k] = away;
    }
  }

  private tellSteps(end: number): void {
    const change = (k: number, i: number): number => this.sum[k * WIDTH + i]! - this.level[k * WIDTH + i]!;
    const changed = LOAD_PHASES.map((_name, k) => k).filter(
      (k) => k < this.options.phases && Math.abs(change(k, 0)) >= STEP,
    );
    const powers = changed.map((k) => change(k, 0));
    const mean = powers.reduce((a, b) => a + b, 0) / powers.length;
    const isBalanced = powers.length === 3 && powers.every((w) => Math.abs(w - mean) <= BALANCE * Math.abs(mean));
    for (const group of isBalanced ? [changed] : changed.map((k) => [k])) {
      const [first = 0] = group;
      const total = (i: number): number => group.reduce((sum, k) => sum + change(k, i), 0);
      this.tell({
        t: this.left,
        phases: group.map((k) => LOAD_PHASES[k]!),
        power: total(0),
        reactive: total(1),
        peak: Math.max(1, this.peak[first]! / change(first, 0)),
        duration: Math.max(0, end - this.left),
        harmonics: [change(first, 2), change(first, 3), change(first, 4)],
      });
    }
  }
}
