import { Zone } from '@smx-edge/model';
import type { ClosedQuarter, DemandReading } from './demand-reading.js';
import { MonthPeaks, type MonthPeak } from './month-peaks.js';
import { QuarterMeter, type QuarterState } from './quarter-meter.js';
import { QUARTER } from './quarter-time.js';
import { RunningMean } from './running-mean.js';

export interface PeakOptions {
  /** Zone of months. */
  readonly zone: Zone;
  /** W below which a month is not billed lower; Flanders 2500. */
  readonly floor: number;
  /** W to stay under; absent = the greater of floor and month peak. */
  readonly limit?: number;
  /** Time over which present power is averaged for the forecast, ms. */
  readonly smooth: number;
  /** Months in the billing mean. */
  readonly average: number;
}

/** All the engine knows after a telegram. W; NaN = not known. Times ms UTC. */
export interface PeakFacts {
  readonly t: number;
  readonly end: number;
  readonly quarter: number;
  readonly partial: boolean;
  readonly estimated: boolean;
  /** Demand at the end of the quarter if power stays as it was of late. */
  readonly forecast: number;
  /** Least and greatest of that, of power as it is now, and of the quarter going on as it went so far. */
  readonly low: number;
  readonly high: number;
  readonly limit: number;
  /** Mean power still allowed until the end of the quarter; negative = the limit is passed already. */
  readonly headroom: number;
  readonly month: MonthPeak | undefined;
  readonly billing: number;
  /** The quarter that this telegram closed. */
  readonly closed?: ClosedQuarter;
  /** It was a new peak of its month by own count. */
  readonly record: boolean;
}

/** JSON of the engine, for a restart. */
export interface PeakState {
  readonly quarter: QuarterState;
  readonly months: readonly MonthPeak[];
}

/** Quarter demand, forecast, headroom and month peaks: driven by telegram time alone. */
export class PeakEngine {
  readonly months: MonthPeaks;
  private readonly quarter: QuarterMeter;
  private readonly power: RunningMean;
  private lastTime = -Infinity;

  constructor(
    private readonly options: PeakOptions,
    saved?: PeakState,
  ) {
    this.months = new MonthPeaks(options.zone, saved?.months);
    this.quarter = new QuarterMeter(saved?.quarter);
    this.power = new RunningMean(options.smooth);
  }

  take(reading: DemandReading): PeakFacts {
    if (reading.t < this.lastTime) this.power.clear();
    if (reading.power !== undefined && reading.t !== this.lastTime) this.power.add(reading.t, reading.power);
    this.lastTime = reading.t;
    const closed = this.quarter.take(reading);
    const record = closed !== undefined && this.months.count(closed);
    return { ...this.facts(reading), ...(closed !== undefined && { closed }), record };
  }

  forget(): void {
    this.quarter.forget();
    this.power.clear();
  }

  state(): PeakState {
    return { quarter: this.quarter.state(), months: this.months.state() };
  }

  private facts({ t, power }: DemandReading): Omit<PeakFacts, 'closed' | 'record'> {
    const { end, watt, partial, estimated } = this.quarter.running;
    const { floor, average } = this.options;
    const left = Math.max(0, end - t) / QUARTER;
    const month = this.months.current(t);
    const limit = this.options.limit ?? Math.max(floor, month?.watt ?? 0);
    const forecast = watt + this.power.mean * left;
    const others = [forecast, watt + (power ?? NaN) * left];
    // in the first minutes the share that has passed says nothing about the rest
    if (!partial && left < 0.8) others.push(watt / (1 - left));
    const band = others.filter((value) => !Number.isNaN(value));
    return {
      t,
      end,
      quarter: watt,
      partial,
      estimated,
      forecast,
      low: band.length === 0 ? NaN : Math.min(...band),
      high: band.length === 0 ? NaN : Math.max(...band),
      limit,
      // what was not seen may have used it up
      headroom: partial || left === 0 ? NaN : (limit - watt) / left,
      month,
      billing: this.months.billing(t, average, floor),
    };
  }
}
