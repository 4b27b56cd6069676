import type { PhaseState } from './phase-state.js';

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
  /** W and var of each phase that are in common, since the first window. */
  private readonly shared = new Float64Array(2 * PHASES);

  /** Takes out of what each of three phases shows `now` what is in common, which `common` is given, as of one phase. */
  split(phases: readonly PhaseState[], common: PhaseState): void {
    for (const i of QUANTITIES) {
      this.part(phases, i, common.scale);
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
    for (let i = 2; i < common.now.length; i++) common.now[i] = phases[0]!.now[i]!;
  }

  private part(phases: readonly PhaseState[], i: 0 | 1, scale: number): void {
    const { before, shared } = this;
    const at = PHASES * i;
    const a = phases[0]!.now[i]! - before[at]!;
    const b = phases[1]!.now[i]! - before[at + 1]!;
    const c = phases[2]!.now[i]! - before[at + 2]!;
    const alike = commonOf(a, b, c);
    if (!(Math.abs(alike) >= Math.max(LEAST[i], LEAST_SHARE * scale))) return;
    const mean = (a + b + c) / PHASES;
    const most = ALIKE * Math.abs(mean);
    const isBalanced = Math.abs(a - mean) <= most && Math.abs(b - mean) <= most && Math.abs(c - mean) <= most;
    shared[at]! += isBalanced ? a : alike;
    shared[at + 1]! += isBalanced ? b : alike;
    shared[at + 2]! += isBalanced ? c : alike;
  }
}

/**
 * By how much three changes are one: the least of them where all go one way; and where two go against the greatest one, as
 * an inverter that answers an appliance does, the lesser of the two.
 */
function commonOf(a: number, b: number, c: number): number {
  const x = Math.abs(a);
  const y = Math.abs(b);
  const z = Math.abs(c);
  if (x >= y && x >= z) return b * c > 0 ? lesser(b, c) : 0;
  if (y >= z) return a * c > 0 ? lesser(a, c) : 0;
  return a * b > 0 ? lesser(a, b) : 0;
}

const lesser = (one: number, other: number): number => (Math.abs(one) < Math.abs(other) ? one : other);
