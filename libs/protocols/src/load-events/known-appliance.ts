import type { Appliance, LoadPhase, LoadStep } from './load-window.js';

/** Shares and floors (W, var) within which two steps may be of one appliance. */
const POWER = { share: 0.08, floor: 15 } as const;
const REACTIVE = { share: 0.15, floor: 25 } as const;
/** Steps by which the typical one is averaged at most, so that it follows an appliance that ages. */
const MEMORY = 20;
const MS_PER_HOUR = 3_600_000;

/** What is kept of one; JSON. */
export interface KeptAppliance {
  readonly id: string;
  readonly name: string | null;
  readonly phases: readonly LoadPhase[];
  readonly power: number;
  readonly reactive: number;
  readonly energy: number;
  readonly runs: number;
  /** Runs whose end was seen. */
  readonly whole: number;
  readonly lastSeen: number;
}

/** A recurring step and the runs that it began. */
export class KnownAppliance implements Appliance {
  readonly id: string;
  readonly phases: readonly LoadPhase[];
  name: string | null;
  power: number;
  reactive: number;
  energy: number;
  runs: number;
  whole: number;
  lastSeen: number;
  since: number | null = null;
  /** W of the run that goes on. */
  private drawn = 0;

  constructor(kept: KeptAppliance) {
    this.id = kept.id;
    this.phases = kept.phases;
    this.name = kept.name;
    this.power = kept.power;
    this.reactive = kept.reactive;
    this.energy = kept.energy;
    this.runs = kept.runs;
    this.whole = kept.whole;
    this.lastSeen = kept.lastSeen;
  }

  get isOn(): boolean {
    return this.since !== null;
  }

  /** W of each of its phases while it runs. */
  get share(): number {
    return this.isOn ? this.drawn / this.phases.length : 0;
  }

  /** Laplace's rule over runs that ended as they began, so that few runs give little; less where nothing tells it from others. */
  get confidence(): number {
    const ended = this.isOn ? this.runs - 1 : this.runs;
    const whole = Math.min(1, (this.whole + 1) / (ended + 2));
    return whole * (this.power < 60 ? 0.7 : 1);
  }

  /** 0 the same, up to 1 perhaps, more another; the step switches on or off. */
  distance({ phases, power, reactive }: LoadStep): number {
    if (phases.length !== this.phases.length || phases[0] !== this.phases[0]) return Infinity;
    const watts = Math.abs(Math.abs(power) - this.power) / Math.max(POWER.floor, POWER.share * this.power);
    const sign = Math.sign(power);
    const vars = Math.abs(sign * reactive - this.reactive) / Math.max(REACTIVE.floor, REACTIVE.share * this.power);
    return Math.hypot(watts, vars);
  }

  begin({ t, power, reactive }: LoadStep): void {
    this.runs++;
    this.learn(power, reactive);
    this.since = t;
    this.lastSeen = t;
    this.drawn = power;
  }

  end(t: number, isSeen: boolean): void {
    this.since = null;
    this.lastSeen = t;
    if (isSeen) this.whole++;
  }

  /** So many ms of its run passed. */
  run(ms: number): void {
    if (this.isOn) this.energy += (this.drawn * ms) / MS_PER_HOUR;
  }

  keep(): KeptAppliance {
    const { id, name, phases, power, reactive, energy, runs, whole, lastSeen } = this;
    return { id, name, phases, power, reactive, energy, runs, whole, lastSeen };
  }

  /** Takes over what another was. */
  absorb(other: KnownAppliance): void {
    const weight = other.runs / Math.max(1, this.runs + other.runs);
    this.power += weight * (other.power - this.power);
    this.reactive += weight * (other.reactive - this.reactive);
    this.energy += other.energy;
    this.runs += other.runs;
    this.whole += other.whole;
    this.lastSeen = Math.max(this.lastSeen, other.lastSeen);
    if (this.isOn || other.since === null) return;
    this.since = other.since;
    this.drawn = other.drawn;
  }

  private learn(power: number, reactive: number): void {
    const weight = 1 / Math.min(this.runs, MEMORY);
    this.power += weight * (power - this.power);
    this.reactive += weight * (reactive - this.reactive);
  }
}
