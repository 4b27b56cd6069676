/** ms within which one phase mirrors another, and W and share by which it may be off. */
const WITHIN = 10_000;
const OFF = 20;
const OFF_SHARE = 0.12;
/** Answers after which it is known which phase gives them, and times as many as any other's. */
const ENOUGH = 4;
const TIMES = 3;

/** A step of one phase. */
export interface PhaseStep {
  readonly t: number;
  readonly watt: number;
  /** Whether reactive power changed with it. */
  readonly isLagging: boolean;
}

/**
 * Finds the phase of an inverter that answers in one phase what the others do: it steps against them, with active power
 * alone. What its own appliances do is not to be seen there.
 */
export class MirrorPhase {
  private readonly newest: (PhaseStep | undefined)[] = [];
  private readonly answers = [0, 0, 0];

  take(phase: number, step: PhaseStep): void {
    this.newest[phase] = step;
    this.newest.forEach((other, k) => {
      if (k === phase || other === undefined || other.isLagging === step.isLagging) return;
      if (Math.abs(step.t - other.t) > WITHIN) return;
      if (Math.abs(step.watt + other.watt) > Math.max(OFF, OFF_SHARE * Math.abs(step.watt))) return;
      this.answers[step.isLagging ? k : phase]!++;
    });
  }

  /** Undefined where it is not known, or none. */
  get phase(): number | undefined {
    const most = Math.max(...this.answers);
    const phase = this.answers.indexOf(most);
    return most >= ENOUGH && this.answers.every((each, k) => k === phase || most >= TIMES * each) ? phase : undefined;
  }
}
