import type { Load, Moment, PhasePower } from '../../../apps/site-simulator/src/house/index.js';
import { seeded } from '../../faults/support/random.js';

interface Habit {
  readonly name: string;
  readonly phase: number;
  /** W, and share by which runs differ. */
  readonly watt: number;
  readonly spread: number;
  /** Least and most seconds that a run and a rest take. */
  readonly on: readonly [number, number];
  readonly off: readonly [number, number];
  /** var for a W. */
  readonly tangent?: number;
  /** W by which it scatters from second to second, and share that it loses within a minute as a motor that warms. */
  readonly scatter?: number;
  readonly decay?: number;
  /** Hours of the day in which it starts. */
  readonly between?: readonly [number, number];
}

/** What makes it hard: runs that differ, appliances alike, many short runs, motors that settle slowly, loads that flicker. */
const HABITS: readonly Habit[] = [
  { name: 'freezer', phase: 0, watt: 105, spread: 0.03, on: [600, 900], off: [1500, 2400], tangent: 0.7, decay: 0.15 },
  {
    name: 'microwave',
    phase: 1,
    watt: 1250,
    spread: 0.03,
    on: [8, 14],
    off: [7, 12],
    tangent: 0.2,
    between: [12, 12.2],
  },
  { name: 'coffee', phase: 2, watt: 1380, spread: 0.02, on: [20, 60], off: [90, 400], between: [7, 9] },
  { name: 'dryer', phase: 1, watt: 1700, spread: 0.04, on: [60, 400], off: [20_000, 60_000], between: [7, 21] },
  { name: 'pump', phase: 0, watt: 48, spread: 0.04, on: [300, 1800], off: [900, 5400], tangent: 0.9 },
  { name: 'lamp', phase: 1, watt: 60, spread: 0.01, on: [300, 7200], off: [600, 7200], between: [17, 23] },
  {
    name: 'console',
    phase: 0,
    watt: 150,
    spread: 0.05,
    on: [1800, 7200],
    off: [7200, 40_000],
    scatter: 14,
    between: [15, 22],
  },
  { name: 'boiler', phase: 2, watt: 2000, spread: 0.015, on: [240, 1500], off: [3600, 14_000] },
];

/** An appliance that runs and rests by chance. */
class Habitual implements Load {
  readonly name: string;
  private readonly uniform: () => number;
  private isOn = false;
  private until = 0;
  private since = 0;
  private watt = 0;
  private asked = NaN;
  private now = 0;

  constructor(
    private readonly habit: Habit,
    seed: number,
  ) {
    this.name = habit.name;
    this.uniform = seeded(seed);
  }

  add({ t, second }: Readonly<Moment>, into: PhasePower): void {
    if (t !== this.asked) this.now = this.of(t, second);
    this.asked = t;
    into.watt[this.habit.phase]! += this.now;
    into.reactive[this.habit.phase]! += this.now * (this.habit.tangent ?? 0);
  }

  private of(t: number, second: number): number {
    const { on, off, watt, spread, between: [from, to] = [0, 24], scatter = 0, decay = 0 } = this.habit;
    if (t >= this.until && (this.isOn || (second >= from * 3600 && second < to * 3600))) {
      this.isOn = !this.isOn;
      const [least, most] = this.isOn ? on : off;
      this.since = t;
      this.until = t + 1000 * Math.round(least + this.uniform() * (most - least));
      this.watt = watt * (1 + spread * (2 * this.uniform() - 1));
    }
    if (!this.isOn) return 0;
    const warm = 1 + decay * Math.exp((this.since - t) / 60_000);
    return this.watt * warm + scatter * (2 * this.uniform() - 1);
  }
}

/** Loads that make a house busy; their runs follow from the seed. */
export function busyLoads(seed: number): Load[] {
  return HABITS.map((habit, n) => new Habitual(habit, 1000 * seed + n));
}
