import { SmxError } from '@smx-edge/model';
import { at, SINE } from './spectrum.js';

export const DISTURBANCES = ['dip', 'swell', 'interruption', 'change'] as const;
export type DisturbanceKind = (typeof DISTURBANCES)[number];

/** A change of the voltage that begins and ends at once. */
export interface Disturbance {
  readonly kind: DisturbanceKind;
  /** % of the voltage that is left, or that it rises to. */
  readonly to: number;
  /** Phases, 0 … 2; in a house without a neutral 0 is 1 to 2 and 1 is 2 to 3. */
  readonly phases: readonly number[];
  /** First sample of it and the first one after it, counted from the first of the meter. */
  readonly from: number;
  readonly until: number;
}

/** The voltage goes up and down as a sine. */
export interface Flicker {
  /** % of the voltage between its least and its most. */
  readonly depth: number;
  /** Hz. */
  readonly frequency: number;
}

/** A flicker of 8.8 Hz and 0.25 % is the least that people see (IEC 61000-4-15); the street's own is a fifth of it. */
export const AMBIENT_FLICKER: Flicker = { depth: 0.05, frequency: 8.8 };
/** Most that last at once. */
const MOST = 32;

/** What the street does to the voltage of the house, sample by sample. */
export class Disturbances {
  /** By which the voltage of a phase is multiplied now. */
  readonly factor = new Float64Array(3).fill(1);
  private readonly under = new Float64Array(3).fill(1);
  private readonly list: Disturbance[] = [];
  /** The next sample at which one begins or ends. */
  private next = Infinity;
  private flicker: Flicker;
  private flickerEnds = Infinity;
  private turn = 0;

  constructor(private readonly ambient: Flicker) {
    this.flicker = ambient;
  }

  /** Throws SMX_SIMULATOR_SETPOINT. */
  add(disturbance: Disturbance): void {
    if (this.list.length >= MOST)
      throw new SmxError('SMX_SIMULATOR_SETPOINT', `No more than ${MOST} disturbances last at once; wait for the end of one`); // prettier-ignore
    this.list.push(disturbance);
    this.next = Math.min(this.next, disturbance.from);
  }

  /** In place of the street's own, until so many samples were taken. */
  flick(flicker: Flicker, until: number): void {
    this.flicker = flicker;
    this.flickerEnds = until;
  }

  /** Ends all but the street's own flicker. */
  still(): void {
    this.list.length = 0;
    this.next = -Infinity;
    this.flickerEnds = -Infinity;
  }

  /** Sets `factor` for the `sample`th sample, `ms` after the one before. */
  step(sample: number, ms: number): void {
    if (sample >= this.next) this.change(sample);
    if (sample >= this.flickerEnds) {
      this.flicker = this.ambient;
      this.flickerEnds = Infinity;
    }
    this.turn += (this.flicker.frequency * ms) / 1000;
    if (this.turn >= 1) this.turn -= 1;
    const light = 1 + (this.flicker.depth / 200) * at(SINE, this.turn);
    for (let phase = 0; phase < 3; phase++) this.factor[phase] = this.under[phase]! * light;
  }

  private change(sample: number): void {
    const { under, list } = this;
    under.fill(1);
    this.next = Infinity;
    for (let i = list.length - 1; i >= 0; i--) {
      const { from, until, phases, to } = list[i]!;
      if (sample >= until) {
        list.splice(i, 1);
        continue;
      }
      const isOn = sample >= from;
      if (isOn) for (const phase of phases) under[phase]! *= to / 100;
      this.next = Math.min(this.next, isOn ? until : from);
    }
  }
}
