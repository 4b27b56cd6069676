import type { KnownAppliance, Passed } from './known-appliance.js';
import { LOAD_PHASES, type LoadStep } from './load-window.js';
import type { SlowChange } from './slow-change.js';
import type { PowerChange } from './step-watch.js';

/** Distance within which a step ends a run. */
const ENDS = 1.5;
/** W and share within which several together, or what is missing, fit; one alone fits by more. */
const FIT = 15;
const FIT_SHARE = 0.06;
const ALONE = 20;
const ALONE_SHARE = 0.12;
/** Share of the power of a run in three phases by which a step ends it. */
const STOPS = 0.5;
/** Share of what such a one is said to take by which a step is its stop. */
const LEAST_STOP = 0.4;
/** Runs that are taken together at most. */
const MOST_TOGETHER = 3;
/** var for a W from which on what changes its power is known by it, W that it takes, and the share by which that may differ. */
const LEAST_TANGENT = 0.1;
const LEAST_RUN = 200;
const ALIKE = 0.2;
/** ms in which what is not explained is forgotten to 37 %: the base of the house changes. */
const FORGET = 3_600_000;

/**
 * Finds which runs end. What steps down without a run that fits is kept as missing: later steps may explain it, as with an
 * appliance that left its stages by other steps than it came to them.
 */
export class RunPairing {
  /** W by which each phase is above what the steps since explain; below: missing. */
  private readonly rest: Float64Array;

  constructor(
    private readonly known: readonly KnownAppliance[],
    private readonly slow: SlowChange,
  ) {
    this.rest = new Float64Array(slow.phases);
  }

  pass({ ms }: Passed): void {
    const factor = 1 - ms / FORGET;
    for (let k = 0; k < this.rest.length; k++) this.rest[k]! *= factor;
  }

  /** A step down. */
  down(step: LoadStep): void {
    const one = this.nearest(step);
    const drawn = one?.drawn ?? 0;
    one?.end(step.t, -step.power, step.isAnswered);
    // what three phases do alike is in no phase's rest
    if (step.phases.length > 1) {
      if (one === undefined) this.stop(step);
      return;
    }
    const [name] = step.phases;
    const phase = LOAD_PHASES.indexOf(name!);
    this.rest[phase]! += step.power + drawn;
    if (one === undefined && this.rundown(phase, step)) return;
    if (this.explain(phase, step.t) || one !== undefined) return;
    if (!this.together(phase, -step.power, { t: step.t, isSeen: true })) this.lessen(phase, step);
  }

  /** So many W changed in a phase, and nobody saw how. */
  shift(phase: number, { watt, vars }: PowerChange, t: number): void {
    this.rest[phase]! += watt;
    const missing = -this.rest[phase]!;
    if (watt < 0 && missing > FIT && this.together(phase, missing, { t, isSeen: false })) return;
    this.slow.add(phase, [watt, vars]);
  }

  private nearest(step: LoadStep): KnownAppliance | undefined {
    let best: KnownAppliance | undefined;
    let least = ENDS;
    for (const one of this.known) {
      const distance = one.isOn ? one.distance(step) : Infinity;
      if (distance > least) continue;
      least = distance;
      best = one;
    }
    return best;
  }

  /** Ends what together took what is missing. */
  private explain(phase: number, t: number): boolean {
    const missing = -this.rest[phase]!;
    return missing > FIT && this.together(phase, missing, { t, isSeen: true });
  }

  private together(phase: number, watt: number, { t, isSeen }: { t: number; isSeen: boolean }): boolean {
    const running = this.known.filter((one) => one.phases.length === 1 && one.runsOn(phase));
    const one = nearestOf(running, watt);
    const several = one === undefined ? subset(running, watt, Math.max(FIT, FIT_SHARE * watt)) : [];
    const found = one === undefined ? several : [one];
    for (const ended of found) {
      this.rest[phase]! += ended.share;
      ended.end(t, isSeen ? ended.drawn : 0);
    }
    return found.length > 0;
  }

  /** What changed its power slowly, and maybe came by several stages, stops by less or more than it began with, but as much out of phase. */
  private rundown(phase: number, { t, power, reactive }: LoadStep): boolean {
    const tangent = reactive / power;
    if (Math.abs(tangent) < LEAST_TANGENT) return false;
    const isAlike = (one: KnownAppliance): boolean =>
      one.phases.length === 1 &&
      one.runsOn(phase) &&
      one.power >= LEAST_RUN &&
      Math.abs(one.tangent - tangent) <= ALIKE * Math.abs(tangent);
    const stages = this.known.filter(isAlike);
    const drawn = stages.reduce((sum, one) => sum + one.drawn, 0);
    if (drawn === 0 || -power < LEAST_STOP * drawn) return false;
    this.rest[phase]! -= power;
    for (const one of stages) one.end(t, one.drawn);
    return true;
  }

  /** What runs in three phases and changed its power slowly, as a car does, stops by another step than it began by. */
  private stop(step: LoadStep): void {
    const running = this.known.filter((one) => one.isOn && one.phases.length > 1);
    const [largest] = running.sort((a, b) => b.drawn - a.drawn);
    if (largest !== undefined && -step.power >= STOPS * largest.drawn) largest.end(step.t, 0);
  }

  /** The largest run goes on with less where it can: a stage of it ended. */
  private lessen(phase: number, step: LoadStep): void {
    const running = this.known.filter((one) => one.phases.length === 1 && one.runsOn(phase));
    const [largest] = running.sort((a, b) => b.drawn - a.drawn);
    if (largest === undefined || largest.drawn + step.power < FIT) return;
    largest.alter(step.power, step.reactive);
    this.rest[phase]! -= step.power;
  }
}

/** The one that took about so much. */
function nearestOf(running: readonly KnownAppliance[], watt: number): KnownAppliance | undefined {
  const off = ({ drawn }: KnownAppliance): number => Math.abs(drawn - watt) / Math.max(ALONE, ALONE_SHARE * watt);
  const [best] = running.filter((one) => off(one) <= 1).sort((a, b) => off(a) - off(b));
  return best;
}

/** The few of `running` that come nearest to `watt`, none where they do not within `within`. */
function subset(running: readonly KnownAppliance[], watt: number, within: number): readonly KnownAppliance[] {
  let best: readonly KnownAppliance[] = [];
  let least = within;
  const look = (from: number, chosen: readonly KnownAppliance[], left: number): void => {
    // of equally good ones the fewest
    if (chosen.length > 0 && Math.abs(left) < least) {
      least = Math.abs(left);
      best = chosen;
    }
    if (chosen.length === MOST_TOGETHER) return;
    for (let i = from; i < running.length; i++) look(i + 1, [...chosen, running[i]!], left - running[i]!.drawn);
  };
  look(0, [], watt);
  return best;
}
