import { LOAD_PHASES, type Appliance, type LoadPhase, type LoadStep, type LoadWindow } from './load-window.js';

/** Shares and floors (W, var) within which two steps may be of one appliance. */
const POWER = { share: 0.08, floor: 15 } as const;
const REACTIVE = { share: 0.15, floor: 25 } as const;
/** A and share of its current: what else runs in the phase shifts how much a harmonic grows. */
const HARMONIC = { share: 0.15, floor: 0.1 } as const;
const NOMINAL = 230;
/** Bounds of the share of its first power that an appliance goes on with. */
const LEAST_LASTING = 0.6;
const MOST_LASTING = 1.3;
/** Whole runs after which it is known how long they take, and the ms and times the longest that one may take then. */
const KNOWS_LENGTH = 3;
const MORE = 1_800_000;
const TIMES = 3;
/** ms after which any run is over. */
const LONGEST_RUN = 24 * 3_600_000;
/** Runs, and whole ones of them, that confidence begins with; and below so many W it is less. */
const PRIOR_RUNS = 2;
const PRIOR_WHOLE = 1.7;
const SMALL = 60;
const SMALL_FACTOR = 0.9;
/** Confidence that doubtful time takes at most, and times the longest run from which on one that goes on is doubtful. */
const DOUBT = 0.5;
const LONG = 1.5;
/** ms that nothing need bear out of one of which it is not known how long it runs. */
const AT_FIRST = 3_600_000;
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
  /** A by which harmonics 3, 5 and 7 of the first of its phases grow. */
  readonly harmonics: readonly number[];
  /** Of the power that it began with, how much it took at the end: a motor warms. */
  readonly lasting: number;
  /** ms of the longest run whose end was seen. */
  readonly longest: number;
  readonly energy: number;
  readonly runs: number;
  /** Runs whose end was seen. */
  readonly whole: number;
  /** ms that it ran, and of them those that nothing measured bears out: see `run`. */
  readonly ran?: number;
  readonly doubtful?: number;
  readonly lastSeen: number;
}

/** So many ms, in which powers were `factor` times what they are at the declared voltage. */
export interface Passed {
  readonly ms: number;
  readonly factor: number;
}

/** A recurring step and the runs that it began. */
export class KnownAppliance implements Appliance {
  readonly id: string;
  readonly phases: readonly LoadPhase[];
  name: string | null;
  power: number;
  reactive: number;
  harmonics: number[];
  lasting: number;
  longest: number;
  /** A number from the first: a field that begins as undefined leaves one behind with each window. */
  energy = 0;
  runs: number;
  whole: number;
  ran: number;
  doubtful: number;
  lastSeen: number;
  since: number | null = null;
  /** W and var of the run that goes on. */
  drawn = 0;
  private lag = 0;
  /** ms of it that were counted, and those in doubt. */
  private passed = 0;
  private unsure = 0;

  constructor(kept: KeptAppliance) {
    this.id = kept.id;
    this.phases = kept.phases;
    this.name = kept.name;
    this.power = kept.power;
    this.reactive = kept.reactive;
    this.harmonics = [...kept.harmonics];
    this.lasting = kept.lasting;
    this.longest = kept.longest;
    this.energy = kept.energy;
    this.runs = kept.runs;
    this.whole = kept.whole;
    this.ran = kept.ran ?? 0;
    this.doubtful = kept.doubtful ?? 0;
    this.lastSeen = kept.lastSeen;
  }

  get isOn(): boolean {
    return this.since !== null;
  }

  /** W of each of its phases while it runs. */
  get share(): number {
    return this.isOn ? this.drawn / this.phases.length : 0;
  }

  /** var of each of its phases while it runs. */
  get lagShare(): number {
    return this.isOn ? this.lag / this.phases.length : 0;
  }

  /**
   * How many of its runs ended as they began, as if one and seven tenths of two had before the first; less where it is small,
   * and less by the share of its time that is in doubt. Chosen so that on the virtual house as many runs are right as it says.
   */
  get confidence(): number {
    const ended = this.isOn ? this.runs - 1 : this.runs;
    const whole = Math.min(1, (this.whole + PRIOR_WHOLE) / (ended + PRIOR_RUNS));
    const ran = this.ran + this.passed;
    const doubt = ran > 0 ? (this.doubtful + this.unsure) / ran : 0;
    return whole * (this.power < SMALL ? SMALL_FACTOR : 1) * (1 - DOUBT * doubt);
  }

  /** var for a W of the run that goes on. */
  get tangent(): number {
    return this.lag / this.drawn;
  }

  isOf(phase: number): boolean {
    return this.phases.includes(LOAD_PHASES[phase]!);
  }

  /** Whether it is of this phase and no other. */
  isOnly(phase: number): boolean {
    return this.phases.length === 1 && this.isOf(phase);
  }

  runsOn(phase: number): boolean {
    return this.isOn && this.isOf(phase);
  }

  /** 0 the same, up to 1 perhaps, more another: how far the step is from its typical one, or from the one of the run that goes on. */
  distance({ phases, power, reactive, harmonics, isAnswered }: LoadStep): number {
    if (phases.length !== this.phases.length || phases[0] !== this.phases[0]) return Infinity;
    if (isAnswered)
      return Math.abs(Math.sign(power) * reactive - this.reactive) / (REACTIVE.share * Math.abs(this.reactive));
    const [ownWatts, ownVars] = this.isOn ? [this.drawn, this.lag] : [this.power, this.reactive];
    const watts = Math.abs(Math.abs(power) - ownWatts) / Math.max(POWER.floor, POWER.share * ownWatts);
    const sign = Math.sign(power);
    const vars = Math.abs(sign * reactive - ownVars) / Math.max(REACTIVE.floor, REACTIVE.share * ownWatts);
    const ampere = Math.max(HARMONIC.floor, (HARMONIC.share * this.power) / phases.length / NOMINAL);
    let square = watts * watts + vars * vars;
    for (let i = 0; i < harmonics.length; i++) square += ((sign * harmonics[i]! - this.harmonics[i]!) / ampere) ** 2;
    return Math.sqrt(square);
  }

  begin({ t, power, reactive, harmonics, isAnswered }: LoadStep): void {
    this.runs++;
    // of an answered step it takes at least what is seen, and what it was once seen to take
    const watt = isAnswered ? Math.max(power, this.power) : power;
    this.learn(watt, reactive, harmonics);
    this.since = t;
    this.lastSeen = t;
    this.drawn = watt;
    this.lag = reactive;
    this.passed = 0;
    this.unsure = 0;
  }

  /** It goes on with so much more, or less: another stage of it, or slowly. */
  alter(power: number, reactive: number): void {
    this.drawn += power;
    this.lag += reactive;
  }

  /** By a step of so many W, seen, of which an inverter may have answered a part; 0 where nobody saw it. */
  end(t: number, watt: number, isAnswered = false): void {
    if (watt > 0 && this.since !== null) {
      this.whole++;
      this.longest = Math.max(this.longest, t - this.since);
      if (isAnswered) this.catchUp(watt);
      else this.fade(watt / this.drawn);
    }
    this.ran += this.passed;
    // how long one ran whose end nobody saw is a guess; where it was seen, that bears out all of it
    if (!(watt > 0)) this.doubtful += this.passed;
    this.passed = 0;
    this.unsure = 0;
    this.drawn = 0;
    this.since = null;
    this.lastSeen = t;
  }

  /** An inverter had answered when it began: only its end shows what it took. */
  private catchUp(watt: number): void {
    if (watt <= this.drawn) return;
    this.energy += ((watt - this.drawn) * this.lasting * this.passed) / MS_PER_HOUR;
    this.power = Math.max(this.power, watt);
    this.drawn = watt;
  }

  private fade(share: number): void {
    const lasting = Math.min(MOST_LASTING, Math.max(LEAST_LASTING, share));
    this.lasting += (lasting - this.lasting) / Math.min(this.whole, MEMORY);
  }

  /** Whether its run takes longer than it can be. */
  isOverdue({ end: t }: Pick<LoadWindow, 'end'>): boolean {
    if (this.since === null) return false;
    const most = this.whole < KNOWS_LENGTH ? LONGEST_RUN : Math.min(LONGEST_RUN, TIMES * this.longest + MORE);
    return t - this.since > most;
  }

  /**
   * A part of its run passed. In doubt is what goes beyond what it runs for; where that is not known, what nothing measured could contradict, after an hour.
   */
  run({ ms, factor }: Passed, isChecked: boolean): void {
    this.energy += (this.drawn * this.lasting * factor * ms) / MS_PER_HOUR;
    this.passed += ms;
    const isLong =
      this.whole >= KNOWS_LENGTH ? this.passed > LONG * this.longest : !isChecked && this.passed > AT_FIRST;
    if (isLong) this.unsure += ms;
  }

  keep(): KeptAppliance {
    const { id, name, phases, power, reactive, harmonics, lasting, longest, energy, runs, whole, lastSeen } = this;
    // a run that goes on is not kept, its energy is
    const [ran, doubtful] = [this.ran + this.passed, this.doubtful + this.unsure];
    return {
      id,
      name,
      phases,
      power,
      reactive,
      harmonics: [...harmonics],
      lasting,
      longest,
      energy,
      runs,
      whole,
      ran,
      doubtful,
      lastSeen,
    };
  }

  /** Takes over what another was. */
  absorb(other: KnownAppliance): void {
    const weight = other.runs / Math.max(1, this.runs + other.runs);
    this.power += weight * (other.power - this.power);
    this.reactive += weight * (other.reactive - this.reactive);
    this.longest = Math.max(this.longest, other.longest);
    this.energy += other.energy;
    this.runs += other.runs;
    this.whole += other.whole;
    this.ran += other.ran + other.passed;
    this.doubtful += other.doubtful + other.unsure;
    this.lastSeen = Math.max(this.lastSeen, other.lastSeen);
    if (this.isOn || other.since === null) return;
    this.since = other.since;
    this.drawn = other.drawn;
    this.lag = other.lag;
  }

  private learn(power: number, reactive: number, harmonics: readonly number[]): void {
    const weight = 1 / Math.min(this.runs, MEMORY);
    this.power += weight * (power - this.power);
    this.reactive += weight * (reactive - this.reactive);
    for (let i = 0; i < harmonics.length; i++) this.harmonics[i]! += weight * (harmonics[i]! - this.harmonics[i]!);
  }
}
