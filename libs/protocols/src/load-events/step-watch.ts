import { CommonMode } from './common-mode.js';
import type { KeptLoads } from './kept-loads.js';
import { HeldConnection } from './held-connection.js';
import { LOAD_PHASES, type LoadOptions, type LoadStep, type LoadWindow } from './load-window.js';
import { MirrorPhase } from './mirror-phase.js';
import { FLOW, PhaseState } from './phase-state.js';

/** W in a phase that make a step. */
const STEP = 30;
/** Share of lost samples of a window that is not looked at. */
const LOST = 0.02;
/** Most W or var of a phase that are believed. */
const MOST = 1e6;
/** ms within which an inverter answers what an appliance did, and times its power that the answer may have. */
const ANSWER = 10_000;
const ANSWERS = 1.15;
/** var, and share of the power, from which on a change in common is no inverter's. */
const LAGS = 25;
const LAGS_SHARE = 0.05;
const ORDERS = [3, 5, 7] as const;

/** W and var. */
export interface PowerChange {
  readonly watt: number;
  readonly vars: number;
}

export interface StepListener {
  step(step: LoadStep): void;
  /** So many W and var changed in a phase, nobody saw how: across a loss or a dip, or slowly. */
  shift(phase: number, change: PowerChange): void;
  /** It was learned that an inverter holds the sum of the phases at zero: in one of them, or, undefined, in all. */
  held(phase: number | undefined): void;
}

/**
 * Finds switching steps in windows. Powers are normalised to the declared voltage by its square (Hart, "Nonintrusive
 * appliance load monitoring", 1992), so that a change of voltage at a resistor is no step. What lies across a loss, a dip
 * or anything that is no number is not told as one, and neither is what an inverter answers to one.
 */
export class StepWatch {
  private readonly states: readonly PhaseState[];
  /** Of what three phases do alike. */
  private readonly common: PhaseState | undefined;
  private readonly mode = new CommonMode();
  private readonly measured: Float64Array;
  private readonly lagging: Float64Array;
  private readonly connection: HeldConnection;
  private readonly mirror = new MirrorPhase();
  /** Phase in which an inverter answers the others, where it does so in one. */
  private inverter: number | undefined;
  /** The common state settled by a step, and waits for the phases to show whether it answers them. */
  private isWaiting = false;
  /** ms UTC and W of steps of one phase that may be answered. */
  private readonly told: { t: number; watt: number }[] = [];

  constructor(
    private readonly options: LoadOptions,
    private readonly listener: StepListener,
    kept: Pick<KeptLoads, 'isHeld' | 'inverter'> = {},
  ) {
    this.connection = new HeldConnection(kept.isHeld === true);
    if (kept.inverter !== undefined) this.inverter = LOAD_PHASES.indexOf(kept.inverter);
    this.states = Array.from({ length: options.phases }, () => new PhaseState());
    this.common = options.phases === 3 ? new PhaseState() : undefined;
    this.measured = new Float64Array(options.phases);
    this.lagging = new Float64Array(options.phases);
  }

  /** Normalised active power of a phase in the last window, W. */
  powerOf(phase: number): number {
    return this.measured[phase]!;
  }

  /** Normalised reactive power of a phase in the last window, var. */
  reactiveOf(phase: number): number {
    return this.lagging[phase]!;
  }

  /** W and var by which the standing level of a phase moved with the last window. */
  driftOf(phase: number): Float64Array {
    return this.states[phase]!.drift;
  }

  /** Whether an inverter holds the sum of the phases at zero. */
  get isHeld(): boolean {
    return this.connection.isHeld;
  }

  /** Whether an inverter answers in this phase what the others take. */
  isAnswering(phase: number): boolean {
    return this.isHeld && (this.inverter ?? phase) === phase;
  }

  /** What is to be kept of it. */
  keep(): Pick<KeptLoads, 'isHeld' | 'inverter'> {
    const { isHeld, inverter } = this;
    return { ...(isHeld && { isHeld }), ...(inverter !== undefined && { inverter: LOAD_PHASES[inverter]! }) };
  }

  /** Whether a steady state of a phase stands, and all that it changed is told. */
  stands(phase: number): boolean {
    return this.states[phase]!.isSteady && this.common?.isSteady !== false && !this.isWaiting;
  }

  /** Whether it was of use. */
  take(window: LoadWindow): boolean {
    const { states, common } = this;
    if (!this.read(window)) {
      for (let k = 0; k < states.length; k++) states[k]!.skip();
      common?.skip();
      return false;
    }
    for (let k = 0; k < states.length; k++) {
      const settled = states[k]!.take(window);
      if (settled !== undefined) this.note(k, settled === 'step', window.end);
    }
    if (common !== undefined) this.takeCommon(common, window);
    if (this.connection.take(this.measured)) this.listener.held(undefined);
    return true;
  }

  private read({ voltage, active, reactive, currentHarmonics, lost, isFlagged }: LoadWindow): boolean {
    const { states, options, measured, lagging, common } = this;
    if (isFlagged || !(lost <= LOST)) return false;
    for (let k = 0; k < states.length; k++) {
      const share = options.declared / voltage[k]!;
      measured[k] = active[k]! * share * share;
      lagging[k] = reactive[k]! * share * share;
      if (!(Math.abs(measured[k]!) < MOST && Math.abs(lagging[k]!) < MOST)) return false;
    }
    let most = 0;
    for (let k = 0; k < states.length; k++) {
      const { now } = states[k]!;
      now[0] = measured[k]!;
      now[1] = lagging[k]!;
      now[FLOW] = Math.abs(now[0]);
      most = Math.max(most, now[FLOW]);
      for (let i = 0; i < ORDERS.length; i++) {
        const ampere = currentHarmonics[k]![ORDERS[i]!]!;
        now[2 + i] = Number.isFinite(ampere) ? ampere : 0;
      }
    }
    if (common !== undefined) common.now[FLOW] = most;
    if (common !== undefined) {
      this.mode.isHeld = this.isHeld;
      this.mode.split(states, common);
    }
    return true;
  }

  private note(phase: number, isStep: boolean, end: number): void {
    const state = this.states[phase]!;
    const watt = state.change[0]!;
    if (!isStep || Math.abs(watt) < STEP) {
      if (watt !== 0) this.listener.shift(phase, { watt, vars: state.change[1]! });
      return;
    }
    if (this.isMirrored(phase, state)) return;
    this.told.push({ t: state.left, watt });
    if (this.told.length > 8) this.told.shift();
    this.listener.step(stepOf(state, [LOAD_PHASES[phase]!], end));
  }

  /** Whether it is of the phase in which an inverter answers the others. */
  private isMirrored(phase: number, { left, change }: PhaseState): boolean {
    if (!this.isHeld) return false;
    if (this.inverter === undefined) {
      const isLagging = lags({ power: change[0]!, reactive: change[1]! });
      this.mirror.take(phase, { t: left, watt: change[0]!, isLagging });
      this.inverter = this.mirror.phase;
      if (this.inverter !== undefined) this.listener.held(this.inverter);
    }
    return phase === this.inverter;
  }

  private takeCommon(common: PhaseState, window: LoadWindow): void {
    const settled = common.take(window);
    if (settled === 'step' && Math.abs(common.change[0]!) >= STEP) this.isWaiting = true;
    if (!this.isWaiting) return;
    for (const state of this.states) if (!state.isSteady && Math.abs(state.left - common.left) <= ANSWER) return;
    this.isWaiting = false;
    if (this.isAnswer(common)) return;
    const step = { ...stepOf(common, LOAD_PHASES, window.end), isAnswered: this.isHeld };
    if (!this.isHeld || lags(step)) this.listener.step(step);
  }

  /** Whether it goes against what phases did just before, the newest or some of them, and not beyond it. */
  private isAnswer({ left, change }: PhaseState): boolean {
    const answer = this.states.length * change[0]!;
    const near = this.told.filter(({ t }) => Math.abs(t - left) <= ANSWER).reverse();
    let watt = 0;
    const isOf = near.some((each) => {
      watt += each.watt;
      return answer * watt < 0 && Math.abs(answer) <= ANSWERS * Math.abs(watt) + STEP;
    });
    // what was answered is so once
    if (isOf) this.told.length = 0;
    return isOf;
  }
}

/** Whether reactive power changes with it, which an inverter that follows active power leaves as it is. */
export const lags = ({ power, reactive }: Pick<LoadStep, 'power' | 'reactive'>): boolean =>
  Math.abs(reactive) >= Math.max(LAGS, LAGS_SHARE * Math.abs(power));

function stepOf({ change, peak, left }: PhaseState, phases: LoadStep['phases'], end: number): LoadStep {
  return {
    t: left,
    phases,
    power: phases.length * change[0]!,
    isAnswered: false,
    reactive: phases.length * change[1]!,
    peak: Math.max(1, peak / change[0]!),
    duration: Math.max(0, end - left),
    harmonics: [change[2]!, change[3]!, change[4]!],
  };
}
