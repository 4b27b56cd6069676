export interface BatteryInit {
  /** Wh. */
  readonly capacity: number;
  /** W, in both directions. */
  readonly limit: number;
  /** W per second; 0 = at once. */
  readonly ramp: number;
}

/** What of a battery outlives its process. Energies in Wh. */
export interface BatteryMemory {
  readonly soc: number;
  readonly charged: number;
  readonly discharged: number;
}

const HOUR = 3600;

/** The physics: what it holds, how fast it follows, where it ends. Positive power charges. */
export class Battery {
  /** W, now. */
  power = 0;
  /** W, where its power is going. */
  target = 0;
  private soc: number;
  private charged: number;
  private discharged: number;

  constructor(
    private readonly init: BatteryInit,
    memory: BatteryMemory,
  ) {
    ({ soc: this.soc, charged: this.charged, discharged: this.discharged } = memory);
  }

  get memory(): BatteryMemory {
    const { soc, charged, discharged } = this;
    return { soc, charged, discharged };
  }

  get state(): 'charging' | 'discharging' | 'idle' | 'full' | 'empty' {
    if (this.power > 0) return 'charging';
    if (this.power < 0) return 'discharging';
    return this.soc >= 100 ? 'full' : this.soc <= 0 ? 'empty' : 'idle';
  }

  /** Aims at a power; gives what it will really go to. */
  aim(watts: number): number {
    const { limit } = this.init;
    this.target = Math.min(limit, Math.max(-limit, watts));
    return this.target;
  }

  /** Lets so many seconds pass. */
  step(seconds: number): void {
    const most = this.init.ramp === 0 ? Infinity : this.init.ramp * seconds;
    this.power += Math.min(most, Math.max(-most, this.target - this.power));
    const wanted = (this.power * seconds) / HOUR;
    // a full battery takes no more, an empty one gives no more
    const held = (this.soc / 100) * this.init.capacity;
    const moved = Math.min(this.init.capacity - held, Math.max(-held, wanted));
    if (moved !== wanted) this.power = seconds > 0 ? (moved * HOUR) / seconds : 0;
    this.soc = ((held + moved) / this.init.capacity) * 100;
    if (moved > 0) this.charged += moved;
    else this.discharged -= moved;
  }
}
