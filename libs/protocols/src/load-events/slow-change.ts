import type { KnownAppliance, Passed } from './known-appliance.js';

/** W by which a phase changes slowly until it is looked for what did. */
const LEAST = 40;
/** W of a run that is looked at: what is less drowns in what else changes. */
const LEAST_RUN = 200;
/** var for a W from which on an appliance is known by it, and the share by which that may differ. */
const LEAST_TANGENT = 0.1;
const ALIKE = 0.35;
/** Share of its power that a run takes at least. */
const LEAST_SHARE = 0.1;
/** ms in which what nobody did is forgotten to 37 %. */
const FORGET = 4 * 3_600_000;

/**
 * Finds which run changed its power slowly, as the drive of a heat pump does: active and reactive power of its phase changed
 * by as much of each other as it takes. Where an inverter answers what is taken, reactive power tells alone. What has none
 * to be known by may be anything.
 */
export class SlowChange {
  private readonly watt: Float64Array;
  private readonly vars: Float64Array;

  constructor(
    private readonly known: readonly KnownAppliance[],
    readonly phases: number,
    private readonly isHeld: () => boolean,
  ) {
    this.watt = new Float64Array(phases);
    this.vars = new Float64Array(phases);
  }

  pass({ ms }: Passed): void {
    const factor = 1 - ms / FORGET;
    for (let k = 0; k < this.phases; k++) {
      this.watt[k]! *= factor;
      this.vars[k]! *= factor;
    }
  }

  /** W and var by which a phase went up, without a step. */
  add(phase: number, change: ArrayLike<number>): void {
    this.watt[phase]! += change[0]!;
    this.vars[phase]! += change[1]!;
    const vars = this.vars[phase]!;
    if (Math.abs(vars) < LEAST_TANGENT * LEAST) return;
    const one = this.modulated(phase);
    if (one === undefined) return;
    const watt = this.isHeld() ? vars / one.tangent : this.watt[phase]!;
    if (Math.abs(watt) < LEAST || one.drawn + watt < LEAST_SHARE * one.power) return;
    if (Math.abs(vars - watt * one.tangent) > ALIKE * Math.abs(vars)) return;
    one.alter(watt, vars);
    this.watt[phase] = 0;
    this.vars[phase] = 0;
  }

  /** The greatest one that runs in the phase and can be known by its reactive power. */
  private modulated(phase: number): KnownAppliance | undefined {
    let found: KnownAppliance | undefined;
    for (const one of this.known) {
      if (one.phases.length > 1 || !one.runsOn(phase) || one.power < LEAST_RUN) continue;
      if (Math.abs(one.tangent) < LEAST_TANGENT) continue;
      if (found === undefined || one.drawn > found.drawn) found = one;
    }
    return found;
  }
}
