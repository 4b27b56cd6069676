import type { S1Sample } from '@smx-edge/protocols/s1';
import { branchCurrent } from './branch-current.js';
import { Disturbances } from './disturbances.js';
import { onOnePhase, type HouseSecond } from './house-second.js';
import { Inrush } from './inrush.js';
import { branchVoltages, mainsShape, type Distortion } from './mains.js';
import type { Connection } from './sampling.js';
import { at, newPeriod, Spectrum, type Period } from './spectrum.js';

export interface WaveOptions {
  readonly connection: Connection;
  readonly harmonics?: Distortion | undefined;
  /** Highest order of a harmonic. */
  readonly highest: number;
  readonly disturbances: Disturbances;
  /** The meter counts current the other way. */
  readonly isInverted: boolean;
}

/** Turns by which the branches are behind the first. */
const BEHIND = [0, 1 / 3, 2 / 3] as const;

/** The sample that is being taken; filled anew for each. */
class SampleUnderWay implements S1Sample {
  frequency = 50;
  readonly voltage = new Float64Array(3);
  readonly current = new Float64Array(3);
  neutral = 0;
  valid = true;
}

/**
 * Voltages and currents of the house at one instant after the other. Each second one period of each branch is drawn from what
 * runs there; a sample is then a look into these tables. Without a neutral the branches lie between the phases.
 */
export class Wave {
  readonly sample = new SampleUnderWay();
  /** What it is made from now; undefined before the first second. */
  second: HouseSecond | undefined;
  private readonly shape: Spectrum;
  private readonly mains = newPeriod();
  private readonly periods: readonly Period[] = [newPeriod(), newPeriod(), newPeriod()];
  private readonly inrushes = [new Inrush(), new Inrush(), new Inrush()];
  private readonly spectrum = new Spectrum();
  private readonly branches: readonly number[];
  /** Where the first branch is in its period, 0 … 1. */
  private turn = 0;
  private readonly u = new Float64Array(3);
  private readonly i = new Float64Array(3);

  constructor(private readonly o: WaveOptions) {
    const isBetweenPhases = o.connection === 'three-wire';
    this.shape = mainsShape({ harmonics: o.harmonics, highest: o.highest, isBetweenPhases });
    this.shape.draw(this.mains);
    this.branches = o.connection === 'single-phase' ? [0] : [0, 1, 2];
  }

  /** From the next sample on it is as in this second. */
  begin(house: HouseSecond): void {
    const { connection, highest } = this.o;
    const second = connection === 'single-phase' ? onOnePhase(house) : house;
    const before = this.second ?? second;
    const voltages = branchVoltages(this.shape, second.voltage, connection === 'three-wire');
    for (const branch of this.branches) {
      branchCurrent(second, { branch, voltage: voltages[branch]!, highest }, this.spectrum);
      this.spectrum.draw(this.periods[branch]!);
      this.inrushes[branch]!.begin(second, before, { branch, turn: this.turnOf(branch), hz: second.frequency });
    }
    this.second = second;
    this.sample.frequency = second.frequency;
  }

  /** Takes the `n`th sample, `ms` after the one before. */
  next(n: number, ms: number): void {
    const { o, u, i, sample, second } = this;
    if (second === undefined) return;
    const { disturbances, connection } = o;
    disturbances.step(n, ms);
    for (const branch of this.branches) {
      const turn = this.turnOf(branch);
      const factor = disturbances.factor[branch]!;
      u[branch] = factor * second.voltage[branch]! * at(this.mains, turn);
      i[branch] = factor * (at(this.periods[branch]!, turn) + this.inrushes[branch]!.next(turn, ms));
    }
    if (connection === 'three-wire') this.betweenPhases();
    else this.toNeutral();
    if (o.isInverted) this.invert();
    this.turn += (second.frequency * ms) / 1000;
    if (this.turn >= 1) this.turn -= 1;
    sample.valid = true;
  }

  private turnOf(branch: number): number {
    const turn = this.turn - BEHIND[branch]!;
    return turn < 0 ? turn + 1 : turn;
  }

  private toNeutral(): void {
    const { u, i, sample } = this;
    let sum = 0;
    for (const branch of this.branches) {
      sample.voltage[branch] = u[branch]!;
      sample.current[branch] = i[branch]!;
      sum += i[branch]!;
    }
    sample.neutral = sum;
  }

  /** Phase 2 is the reference; a phase carries what its two branches do. */
  private betweenPhases(): void {
    const { u, i, sample } = this;
    sample.voltage[0] = u[0]!;
    sample.voltage[1] = 0;
    sample.voltage[2] = -u[1]!;
    sample.current[0] = i[0]! - i[2]!;
    sample.current[1] = i[1]! - i[0]!;
    sample.current[2] = i[2]! - i[1]!;
  }

  private invert(): void {
    const { sample } = this;
    for (let phase = 0; phase < 3; phase++) sample.current[phase]! *= -1;
    sample.neutral *= -1;
  }
}
