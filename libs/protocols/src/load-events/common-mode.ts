import { FLOW, type PhaseState } from './phase-state.js';

/**
 * W, and var, of a window from which on it is taken out, and share of what flows in the phases: what is less is noise, or so
 * slow that a standing level follows it.
 */
const LEAST = [5, 12] as const;
const LEAST_SHARE = 0.004;
/** Share of their mean within which changes of three phases are one of a balanced appliance. */
const ALIKE = 0.15;
const PHASES = 3;
/** P and Q. */
const QUANTITIES = [0, 1] as const;

/**
 * Parts what all three phases do alike from what one does. A three-phase inverter of a battery or of PV moves all phases by
 * the same, so that what a phase does beyond that is of its appliances, however the inverter answers them.
 */
export class CommonMode {
  /** P of each phase, then Q, in the window before; NaN before the first. */
  private readonly before = new Float64Array(2 * PHASES).fill(NaN);
  private readonly change = new Float64Array(PHASES);
  /** Whether an inverter is known to answer what phases do. */
  isHeld = false;
  /** W and var of each phase that are in common, since the first window. */
  private readonly shared = new Float64Array(2 * PHASES);

  /** Takes out of what each of three phases shows `now` what is in common, which `common` is given, as of one phase. */
  split(phases: readonly PhaseState[], common: PhaseState): void {
    for (const i of QUANTITIES) {
      this.part(phases, i, common);
      let sum = 0;
      for (let k = 0; k < PHASES; k++) {
        const { now } = phases[k]!;
        this.before[PHASES * i + k] = now[i]!;
        now[i]! -= this.shared[PHASES * i + k]!;
        sum += this.shared[PHASES * i + k]!;
      }
      common.now[i] = sum / PHASES;
    }
    // amplitudes do not add up: those of the first phase stand for all
    for (let i = 2; i < FLOW; i++) common.now[i] = phases[0]!.now[i]!;
  }

  private part(phases: readonly PhaseState[], i: 0 | 1, { now }: PhaseState): void {
    const { before, shared, change } = this;
    const at = PHASES * i;
    let mean = 0;
    for (let k = 0; k < PHASES; k++) {
      change[k] = phases[k]!.now[i]! - before[at + k]!;
      mean += change[k]! / PHASES;
    }
    const from = sourceOf(change);
    if (from < 0) return;
    const alike = change[from]!;
    if (!(Math.abs(alike) >= Math.max(LEAST[i], LEAST_SHARE * now[FLOW]!))) return;
    const most = Math.max(LEAST[i], ALIKE * Math.abs(mean));
    let isBalanced = true;
    let isOneWay = true;
    for (let k = 0; k < PHASES; k++) {
      isBalanced &&= Math.abs(change[k]! - mean) <= most;
      isOneWay &&= change[k]! * alike > 0;
    }
    // what goes one way by different amounts is of no inverter where none is known
    if (!isBalanced && isOneWay && !this.isHeld) return;
    for (let k = 0; k < PHASES; k++) shared[at + k]! += isBalanced ? change[k]! : alike;
  }
}

/**
 * Which of three changes they have in common: the least of them where all go one way; and where two go against the greatest
 * one, as an inverter that answers an appliance does, the lesser of the two. Below 0 where they have none.
 */
function sourceOf(change: Float64Array): number {
  let most = 0;
  for (let k = 1; k < PHASES; k++) if (Math.abs(change[k]!) > Math.abs(change[most]!)) most = k;
  const one = (most + 1) % PHASES;
  const other = (most + 2) % PHASES;
  if (!(change[one]! * change[other]! > 0)) return -1;
  return Math.abs(change[one]!) < Math.abs(change[other]!) ? one : other;
}
