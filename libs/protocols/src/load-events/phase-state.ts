/** Per phase: P, Q, and harmonics 3, 5 and 7 of the current. */
const WIDTH = 5;
/** Where in `now` stands what flows in all, W: by a share of it windows of one state may differ. */
export const FLOW = WIDTH;
/** Windows of a plateau until it is a steady state: longer than the inrush of a compressor. */
const HOLD = 12;
/** W by which windows of one state may differ at least, and as a share of the power. */
const CALM = 15;
const CALM_SHARE = 0.015;
/** ms that may pass between two states; what takes longer is no switching. */
const LONGEST = 10_000;
/** Weight of a new window in a standing level: it follows slow changes without a step. */
const FOLLOW = 0.2;

/** How the newest steady state came about. */
export type Settled = 'step' | 'shift' | undefined;

/** ms UTC. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Finds the steady states of one phase (Hart 1992: a plateau of windows that agree) and what changed between two. */
export class PhaseState {
  /** What was taken last, at the declared voltage, and behind it `FLOW`. */
  readonly now = new Float64Array(WIDTH + 1);
  /** From the state before to the newest. */
  readonly change = new Float64Array(WIDTH);
  /** W of the farthest window between the two, as a change. */
  peak = 0;
  /** When the state before was left, ms UTC; NaN where that is not known. */
  left = NaN;
  /** Whether a state stands now. */
  isSteady = false;
  /** W and var by which the standing level followed what was taken last. */
  readonly drift = new Float64Array(2);
  private hasLevel = false;
  /** The window before was of no use. */
  private isBlind = false;
  private readonly level = new Float64Array(WIDTH);
  private readonly mean = new Float64Array(WIDTH);
  /** Windows of the plateau under way. */
  private count = 0;
  private farthest = 0;

  /** Takes `now`, of a window. Tells when a new state stands: by a step, or by a shift of which nobody saw when or how. */
  take(span: Span): Settled {
    this.drift.fill(0);
    if (this.isSteady) {
      if (this.isNear(this.level)) {
        this.isBlind = false;
        for (let i = 0; i < this.drift.length; i++) this.drift[i] = FOLLOW * (this.now[i]! - this.level[i]!);
        for (let i = 0; i < WIDTH; i++) this.level[i]! += FOLLOW * (this.now[i]! - this.level[i]!);
        return undefined;
      }
      this.isSteady = false;
      this.left = this.isBlind ? NaN : span.start;
      this.farthest = 0;
      this.count = 0;
    }
    const away = this.now[0]! - this.level[0]!;
    if (Math.abs(away) > Math.abs(this.farthest)) this.farthest = away;
    // a state is not left for ever
    if (span.end - this.left > LONGEST + HOLD * (span.end - span.start)) this.left = NaN;
    return this.gather() ? this.settle() : undefined;
  }

  /** A window was of no use: a state that stands afterwards came nobody knows how. */
  skip(): void {
    this.isBlind = true;
    this.left = NaN;
    this.count = 0;
  }

  /** Whether a plateau is long enough. */
  private gather(): boolean {
    if (this.count > 0 && !this.isNear(this.mean)) this.count = 0;
    this.count++;
    for (let i = 0; i < WIDTH; i++)
      this.mean[i] = this.count === 1 ? this.now[i]! : this.mean[i]! + (this.now[i]! - this.mean[i]!) / this.count;
    return this.count >= HOLD;
  }

  private settle(): Settled {
    for (let i = 0; i < WIDTH; i++) this.change[i] = this.mean[i]! - this.level[i]!;
    this.peak = this.farthest;
    this.level.set(this.mean);
    this.isSteady = true;
    const isFirst = !this.hasLevel;
    this.hasLevel = true;
    this.isBlind = false;
    if (isFirst) return undefined;
    return Number.isNaN(this.left) ? 'shift' : 'step';
  }

  private isNear(other: Float64Array): boolean {
    return Math.abs(this.now[0]! - other[0]!) <= Math.max(CALM, CALM_SHARE * this.now[FLOW]!);
  }
}
