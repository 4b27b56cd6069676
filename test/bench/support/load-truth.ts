import type { LoadPhase } from '@smx-edge/protocols/load-events';
import type { HouseSecond, Taken } from '../../../apps/site-simulator/src/s1-meter/house-second.js';

/** A switching of an appliance as it was. */
export interface TrueStep {
  /** ms UTC. */
  readonly t: number;
  readonly name: string;
  readonly phases: readonly LoadPhase[];
  /** W of all phases. */
  power: number;
  /** ms UTC of the newest change that belongs to it. */
  until: number;
}

/** W in a phase that make a switching, and ms within which changes of one appliance are one: an inrush, a car that ramps. */
const STEP = 30;
const ONE = 4500;
/** They follow others, or never switch. */
const FOLLOWERS: readonly string[] = ['pv', 'battery', 'base'];
const NAMES = ['l1', 'l2', 'l3'] as const;

/** What really switched, and what each appliance took. */
export class LoadTruth {
  readonly steps: TrueStep[] = [];
  /** Wh by appliance. */
  readonly energy = new Map<string, number>();
  /** W of each appliance by second since the first. */
  readonly power = new Map<string, number[]>();
  /** ms UTC of the first second; NaN before. */
  start = NaN;
  private before: HouseSecond | undefined;
  private readonly newest = new Map<string, TrueStep>();

  second(second: HouseSecond): void {
    if (Number.isNaN(this.start)) this.start = second.t;
    const now = (second.t - this.start) / 1000;
    second.taken.forEach((each, n) => {
      if (FOLLOWERS.includes(each.name)) return;
      const name = each.name.replace(/-.*/, '');
      this.energy.set(name, (this.energy.get(name) ?? 0) + sum(each.watt) / 3600);
      const power = this.power.get(name) ?? [];
      power[now] = (power[now] ?? 0) + sum(each.watt);
      this.power.set(name, power);
      if (this.before !== undefined) this.compare(second.t, this.before.taken[n]!, each);
    });
    this.before = second;
  }

  /** Switchings whose appliance changed for good. */
  get lasting(): TrueStep[] {
    return this.steps.filter(({ power, phases }) => Math.abs(power) >= STEP * phases.length);
  }

  private compare(t: number, was: Taken, now: Taken): void {
    const phases = NAMES.filter((_name, k) => Math.abs(now.watt[k]! - was.watt[k]!) >= STEP);
    if (phases.length === 0) return;
    const power = sum(now.watt) - sum(was.watt);
    const last = this.newest.get(now.name);
    if (last !== undefined && t - last.until <= ONE && sum(was.watt) >= STEP) {
      last.power += power;
      last.until = t;
      return;
    }
    const step = { t, name: now.name.replace(/-.*/, ''), phases, power, until: t };
    this.newest.set(now.name, step);
    this.steps.push(step);
  }
}

const sum = (list: readonly number[]): number => list.reduce((total, each) => total + each, 0);
