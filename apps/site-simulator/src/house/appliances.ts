import type { Load, Moment, PhasePower } from './load.js';
import { Noise } from './noise.js';

const { acos, floor, tan } = Math;

/** One section of a run: seconds and W. */
type Section = readonly [seconds: number, watt: number];

interface RunOptions {
  readonly name: string;
  readonly seed: number;
  /** 0, 1, 2 for l1 … l3. */
  readonly phase: number;
  /** Chance of a run on a day, 0 … 1. */
  readonly chance: number;
  /** Local time between which a run starts, hours. */
  readonly between: readonly [number, number];
  readonly sections: readonly Section[];
  /** Displacement power factor; 1 = none. */
  readonly factor?: number;
}

/** An appliance that runs a fixed course at most once a day: oven, kettle, dishwasher, washing machine. */
class DailyRun implements Load {
  readonly name: string;
  private readonly noise: Noise;
  private readonly length: number;
  private readonly tangent: number;
  private day = NaN;
  private start = Infinity;
  private before = Infinity;

  constructor(private readonly options: RunOptions) {
    this.name = options.name;
    this.noise = new Noise(options.seed, options.name);
    this.length = options.sections.reduce((sum, [seconds]) => sum + seconds, 0);
    this.tangent = tan(acos(options.factor ?? 1));
  }

  add({ day, second }: Readonly<Moment>, into: PhasePower): void {
    if (day !== this.day) this.plan(day);
    const watt = this.at(second - this.start) + this.at(second + 86_400 - this.before);
    if (watt === 0) return;
    into.watt[this.options.phase]! += watt;
    into.reactive[this.options.phase]! += watt * this.tangent;
  }

  private plan(day: number): void {
    this.day = day;
    this.start = this.startOf(day);
    this.before = this.startOf(day - 1);
  }

  /** Second of the day at which the run starts, or Infinity on a day without one. */
  private startOf(day: number): number {
    const [low, high] = this.options.between;
    if (this.noise.at(2 * day) >= this.options.chance) return Infinity;
    return floor(this.noise.between(2 * day + 1, low, high) * 3600);
  }

  private at(elapsed: number): number {
    if (!(elapsed >= 0 && elapsed < this.length)) return 0;
    let left = elapsed;
    for (const [seconds, watt] of this.options.sections) {
      if (left < seconds) return watt;
      left -= seconds;
    }
    return 0;
  }
}

/** What never stops: router, stand-by, ventilation. */
class BaseLoad implements Load {
  readonly name = 'base';
  private readonly noise: Noise;

  constructor(seed: number) {
    this.noise = new Noise(seed, 'base');
  }

  add({ t }: Readonly<Moment>, into: PhasePower): void {
    into.watt[0]! += 95 + 15 * this.noise.smooth(t / 40_000);
    into.watt[1]! += 60 + 8 * this.noise.smooth(1e6 + t / 15_000);
    into.reactive[0]! -= 35;
  }
}

/** A fridge whose compressor runs 18 of some 50 minutes, with its inrush. */
class Fridge implements Load {
  readonly name = 'fridge';

  add({ t }: Readonly<Moment>, into: PhasePower): void {
    const phase = floor(t / 1000) % 3000;
    if (phase >= 1080) return;
    into.watt[2]! += phase < 2 ? 420 : 85;
    into.reactive[2]! += 40;
  }
}

/** Light in the evening and before work. */
class Light implements Load {
  readonly name = 'light';
  private readonly noise: Noise;

  constructor(seed: number) {
    this.noise = new Noise(seed, 'base');
  }

  add({ day, second }: Readonly<Moment>, into: PhasePower): void {
    into.watt[1]! += this.at(day, second / 3600);
  }

  private at(day: number, hour: number): number {
    const awake = this.noise.between(day, 6.3, 7.5);
    const asleep = this.noise.between(1e5 + day, 22.3, 23.8);
    const evening = hour > 17.5 && hour < asleep;
    const morning = hour > awake && hour < awake + 1.2;
    return evening ? 210 : morning ? 120 : 0;
  }
}

/** The oven's thermostat after warming up. */
function thermostat(cycles: number): Section[] {
  return Array.from({ length: cycles }, (): Section[] => [
    [55, 0],
    [35, 2400],
  ]).flat();
}

/** The appliances of a family of four; three phases carry them unevenly, as in a real house. */
export function familyAppliances(seed: number): Load[] {
  const runs: Omit<RunOptions, 'seed'>[] = [
    { name: 'kettle-morning', phase: 0, chance: 0.95, between: [6.5, 8], sections: [[170, 2100]] },
    { name: 'kettle-afternoon', phase: 0, chance: 0.7, between: [15, 17], sections: [[150, 2100]] },
    { name: 'hob', phase: 2, chance: 0.9, between: [17.5, 18.75], sections: [[420, 1800], [900, 700]] }, // prettier-ignore
    { name: 'oven', phase: 1, chance: 0.5, between: [17.25, 18.5], sections: [[540, 2400], ...thermostat(20)] },
    { name: 'dishwasher', phase: 0, chance: 0.75, between: [19.5, 22.5], sections: [[300, 60], [900, 1900], [1800, 80], [700, 1900], [900, 30]] }, // prettier-ignore
    { name: 'washing', phase: 2, chance: 0.55, between: [8, 16], factor: 0.92, sections: [[240, 90], [1100, 2050], [2400, 160], [480, 420]] }, // prettier-ignore
    { name: 'television', phase: 1, chance: 0.9, between: [19, 20.5], sections: [[8100, 110]] },
    { name: 'vacuum', phase: 0, chance: 0.3, between: [9, 18], factor: 0.95, sections: [[1200, 750]] },
    { name: 'workplace', phase: 1, chance: 0.6, between: [8, 9.5], sections: [[14_400, 140]] },
  ];
  return [new BaseLoad(seed), new Fridge(), new Light(seed), ...runs.map((run) => new DailyRun({ ...run, seed }))];
}
