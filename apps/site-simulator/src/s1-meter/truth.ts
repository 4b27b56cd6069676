import type { Disturbance } from './disturbances.js';
import type { HouseSecond, Taken } from './house-second.js';

/** An appliance begins, ends or takes another power. */
export interface Switching {
  /** ms UTC, and the sample from which on it is so, counted from the first of the meter. */
  readonly t: number;
  readonly sample: number;
  readonly appliance: string;
  /** W and var per phase before and after. */
  readonly from: { readonly watt: readonly number[]; readonly reactive: readonly number[] };
  readonly to: { readonly watt: readonly number[]; readonly reactive: readonly number[] };
}

/** A second of the wave as it was made. */
export interface SecondTruth extends Omit<HouseSecond, 'taken'> {
  readonly sample: number;
}

/** W in a phase by which an appliance must change, so that it was switched. */
const STEP = 15;
/** They follow others all the time. */
const FOLLOWERS: readonly string[] = ['pv', 'battery'];
const MOST = 10_000;
const MOST_SECONDS = 60;

/** What really runs behind the meter, for whoever tries to see it in the wave. Bounded: the newest is kept. */
export class Truth {
  readonly switchings: Switching[] = [];
  readonly disturbances: Disturbance[] = [];
  /** The newest minute. */
  readonly seconds: SecondTruth[] = [];
  /** Ws by appliance since the meter began, up to the second that goes on. */
  readonly energy = new Map<string, number>();
  private before: HouseSecond | undefined;

  /** The wave comes to a second. */
  note(second: HouseSecond, sample: number): void {
    const { t, frequency, voltage, watt, reactive } = second;
    keep(this.seconds, { t, sample, frequency, voltage, watt, reactive }, MOST_SECONDS);
    if (this.before !== undefined) this.count(this.before, t);
    for (const each of second.taken) {
      const was = this.before?.taken.find(({ name }) => name === each.name);
      if (was !== undefined && !FOLLOWERS.includes(each.name) && isStep(was, each))
        keep(this.switchings, { t, sample, appliance: each.name, from: powerOf(was), to: powerOf(each) }, MOST);
    }
    this.before = second;
  }

  disturb(disturbance: Disturbance): void {
    keep(this.disturbances, disturbance, MOST);
  }

  /** What lasts ends before `sample`. */
  still(sample: number): void {
    this.disturbances.forEach((each, i) => {
      if (each.until > sample) this.disturbances[i] = { ...each, until: sample };
    });
  }

  /** As it is told: what began at ms UTC `since` or later. */
  tell(since: number): object {
    return {
      switchings: this.switchings.filter(({ t }) => t >= since),
      disturbances: this.disturbances,
      seconds: this.seconds.filter(({ t }) => t >= since),
      energy: Object.fromEntries([...this.energy].map(([name, wattSeconds]) => [name, wattSeconds / 3600])),
      running: this.before?.taken ?? [],
    };
  }

  private count({ t, taken }: HouseSecond, end: number): void {
    for (const { name, watt } of taken) {
      const power = watt.reduce((sum, phase) => sum + phase, 0);
      this.energy.set(name, (this.energy.get(name) ?? 0) + (power * (end - t)) / 1000);
    }
  }
}

const powerOf = ({ watt, reactive }: Taken): Switching['from'] => ({ watt, reactive });

function isStep(was: Taken, now: Taken): boolean {
  return now.watt.some((watt, phase) => Math.abs(watt - was.watt[phase]!) >= STEP);
}

function keep<T>(list: T[], one: T, most: number): void {
  list.push(one);
  if (list.length > most) list.shift();
}
