/** Energy of one direction: whole Wh, and W·ms short of one more, so that years of small steps lose nothing. */
export type EnergySum = readonly [wattHours: number, rest: number];

/** An integral with the sample it ends at: kept as one, or not at all. JSON. */
export interface IntegralState {
  readonly positive: EnergySum;
  readonly negative: EnergySum;
  /** ms between samples that counted, and between those too far apart. */
  readonly covered: number;
  readonly missed: number;
  /** The last sample, W. */
  readonly power: number;
  /** Its wall clock, ms UTC. */
  readonly at: number;
}

const WATT_HOUR = 3_600_000;

/**
 * Energy from samples of power, positive and negative apart (Storage4Grid D4.9: A+ and A− where a device counts none): straight
 * lines from sample to sample, split where they cross zero. Samples further apart than the limit add nothing but missed time.
 */
export class EnergyIntegral {
  private positive: EnergySum = [0, 0];
  private negative: EnergySum = [0, 0];
  private covered = 0;
  private missed = 0;
  private power: number | undefined;
  private at = 0;

  /** `gap` = longest time between two samples that is bridged, ms. */
  constructor(
    private readonly gap: number,
    saved?: IntegralState,
  ) {
    if (saved !== undefined) Object.assign(this, saved);
  }

  /**
   * Takes a sample, W. `elapsed` = ms since the last one, NaN where nobody knows; one that is no later is dropped.
   * `at` = its wall clock, ms UTC, which only a restart looks at.
   */
  take(power: number, elapsed: number, at: number): void {
    const before = this.power;
    if (before !== undefined && elapsed <= 0) return;
    if (before !== undefined && elapsed <= this.gap) {
      this.add(before, power, elapsed);
      this.covered += elapsed;
    } else if (before !== undefined && elapsed > this.gap) this.missed += elapsed;
    [this.power, this.at] = [power, at];
  }

  /** What to keep; undefined before the first sample. */
  state(): IntegralState | undefined {
    const { positive, negative, covered, missed, power, at } = this;
    return power === undefined ? undefined : { positive, negative, covered, missed, power, at };
  }

  private add(from: number, to: number, elapsed: number): void {
    if (from * to >= 0) {
      this.count(((from + to) / 2) * elapsed);
      return;
    }
    const crossing = elapsed * (from / (from - to));
    this.count((from * crossing) / 2);
    this.count((to * (elapsed - crossing)) / 2);
  }

  private count(wattMs: number): void {
    if (wattMs >= 0) this.positive = sum(this.positive, wattMs);
    else this.negative = sum(this.negative, -wattMs);
  }
}

function sum([wattHours, rest]: EnergySum, wattMs: number): EnergySum {
  const total = rest + wattMs;
  const whole = Math.floor(total / WATT_HOUR);
  return [wattHours + whole, total - whole * WATT_HOUR];
}

/** Wh to three decimals, rounded down: never falls, never shows what was not there. */
export function wattHours([whole, rest]: EnergySum): number {
  return (whole * 1000 + Math.floor((rest / WATT_HOUR) * 1000)) / 1000;
}

/** Share of the time since the first sample that counted, %; `open` = ms since the last sample where that is a gap by now. */
export function coverage({ covered, missed }: IntegralState, open = 0): number {
  const all = covered + missed + open;
  return all === 0 ? 100 : (covered / all) * 100;
}
