import { LOAD_PHASES, type LoadOptions, type LoadStep, type LoadWindow } from './load-window.js';
import { PhaseState } from './phase-state.js';

/** W in a phase that make a step. */
const STEP = 30;
/** Share of lost samples of a window that is not looked at. */
const LOST = 0.02;
/** Most W or var of a phase that are believed. */
const MOST = 1e6;
/** ms and share by which the phases of one appliance may differ. */
const TOGETHER = 600;
const BALANCE = 0.15;
const ORDERS = [3, 5, 7] as const;

export interface StepListener {
  step(step: LoadStep): void;
  /** So many W changed in a phase, nobody saw how: across a loss or a dip, or slowly. */
  shift(phase: number, watt: number): void;
}

/** A step of one phase that waits for what the others do. */
interface Waiting {
  readonly left: number;
  readonly change: readonly number[];
  readonly peak: number;
  readonly end: number;
}

/**
 * Finds switching steps in windows. Powers are normalised to the declared voltage by its square (Hart, "Nonintrusive
 * appliance load monitoring", 1992), so that a change of voltage at a resistor is no step. What lies across a loss, a dip
 * or anything that is no number is not told as one.
 */
export class StepWatch {
  private readonly states: readonly PhaseState[];
  private readonly waiting: (Waiting | undefined)[];

  constructor(
    private readonly options: LoadOptions,
    private readonly listener: StepListener,
  ) {
    this.states = Array.from({ length: options.phases }, () => new PhaseState());
    this.waiting = this.states.map(() => undefined);
  }

  /** Normalised active power of a phase in the last window, W. */
  powerOf(phase: number): number {
    return this.states[phase]!.now[0]!;
  }

  /** Whether a steady state of a phase stands, and all that it changed is told. */
  stands(phase: number): boolean {
    return this.states[phase]!.isSteady && this.waiting[phase] === undefined;
  }

  /** Whether it was of use. */
  take(window: LoadWindow): boolean {
    const { states } = this;
    if (!this.read(window)) {
      for (let k = 0; k < states.length; k++) states[k]!.skip();
      this.tell();
      return false;
    }
    let isNew = false;
    for (let k = 0; k < states.length; k++) {
      const settled = states[k]!.take(window.start, window.end);
      if (settled !== undefined) this.note(k, settled === 'step', window.end);
      isNew ||= this.waiting[k] !== undefined;
    }
    if (isNew) this.tell();
    return true;
  }

  private read({ voltage, active, reactive, currentHarmonics, lost, isFlagged }: LoadWindow): boolean {
    const { states, options } = this;
    if (isFlagged || !(lost <= LOST)) return false;
    for (let k = 0; k < states.length; k++) {
      const factor = (options.declared / voltage[k]!) ** 2;
      const p = active[k]! * factor;
      const q = reactive[k]! * factor;
      if (!(Math.abs(p) < MOST && Math.abs(q) < MOST)) return false;
    }
    for (let k = 0; k < states.length; k++) {
      const { now } = states[k]!;
      const factor = (options.declared / voltage[k]!) ** 2;
      now[0] = active[k]! * factor;
      now[1] = reactive[k]! * factor;
      for (let i = 0; i < ORDERS.length; i++) {
        const ampere = currentHarmonics[k]![ORDERS[i]!]!;
        now[2 + i] = Number.isFinite(ampere) ? ampere : 0;
      }
    }
    return true;
  }

  private note(phase: number, isStep: boolean, end: number): void {
    const { change, left, peak } = this.states[phase]!;
    if (isStep && Math.abs(change[0]!) >= STEP) this.waiting[phase] = { left, change: [...change], peak, end };
    else if (change[0] !== 0) this.listener.shift(phase, change[0]!);
  }

  /** Tells what waits, unless another phase is still on its way from the same moment on. */
  private tell(): void {
    const found = this.waiting.flatMap((each, phase) => (each === undefined ? [] : [{ phase, ...each }]));
    const isAlone = found.every(({ left }) =>
      this.states.every((state) => state.isSteady || !(Math.abs(state.left - left) <= TOGETHER)),
    );
    if (!isAlone) return;
    this.waiting.fill(undefined);
    for (const group of isBalanced(found) ? [found] : found.map((each) => [each]))
      if (group.length > 0) this.listener.step(stepOf(group));
  }
}

type Found = Waiting & { readonly phase: number };

function isBalanced(found: readonly Found[]): boolean {
  if (found.length !== 3) return false;
  const mean = found.reduce((sum, { change }) => sum + change[0]!, 0) / 3;
  return found.every(
    ({ change, left }) =>
      Math.abs(left - found[0]!.left) <= TOGETHER && Math.abs(change[0]! - mean) <= BALANCE * Math.abs(mean),
  );
}

function stepOf(group: readonly Found[]): LoadStep {
  const { left, change, peak, end } = group[0]!;
  return {
    t: left,
    phases: group.map(({ phase }) => LOAD_PHASES[phase]!),
    power: group.reduce((sum, each) => sum + each.change[0]!, 0),
    reactive: group.reduce((sum, each) => sum + each.change[1]!, 0),
    peak: Math.max(1, peak / change[0]!),
    duration: Math.max(0, end - left),
    harmonics: [change[2]!, change[3]!, change[4]!],
  };
}
