import { Zone } from '@smx-edge/model';
import { Noise } from './noise.js';
import { daysInstalled } from './sub-meter.js';

const { ceil, floor, round } = Math;

const QUARTER = 900_000;
const DAY = 86_400_000;
const MONTHS = 13;

/** Highest quarter demand of a month. */
export interface MonthPeak {
  /** First instant after the month, ms UTC. */
  readonly closing: number;
  /** End of the winning quarter, ms UTC; 0 = none yet. */
  readonly at: number;
  /** Mean W over the quarter. */
  readonly watt: number;
}

export interface MeterOptions {
  readonly seed: number;
  /** Start, ms UTC: midnight local time. */
  readonly t: number;
  readonly zone: Zone;
  /** Told at the end of each quarter hour, ms UTC, with the registers as they are then. */
  readonly onQuarter?: ((end: number, meter: GridMeter) => void) | undefined;
}

/** What a certified meter counts: power net over the phases, in whole watt-seconds, so that registers are its exact integral. */
export class GridMeter {
  /** W now, net over the phases; negative = injected. */
  power = 0;
  /** Registers in Ws, by tariff. */
  readonly import = { day: 0, night: 0 };
  readonly export = { day: 0, night: 0 };
  readonly reactive = { import: 0, export: 0 };
  /** Day tariff: Monday to Friday 7 to 22 h local time. */
  day = true;
  monthPeak: MonthPeak;
  /** Closed months, oldest first, at most 13. */
  readonly peaks: MonthPeak[] = [];
  private quarter = 0;
  private readonly zone: Zone;
  private readonly onQuarter: MeterOptions['onQuarter'];

  constructor({ seed, t, zone, onQuarter }: MeterOptions) {
    this.zone = zone;
    this.onQuarter = onQuarter;
    const noise = new Noise(seed, 'meter');
    // a start on a later day must not show registers that have fallen, so each day begins higher than a day can take it
    const days = daysInstalled(t);
    this.import.day = (floor(noise.between(1, 1e6, 4e6)) + 40_000 * days) * 3600;
    this.import.night = (floor(noise.between(2, 1e6, 4e6)) + 55_000 * days) * 3600;
    this.export.day = (floor(noise.between(3, 1e6, 3e6)) + 30_000 * days) * 3600;
    this.export.night = (floor(noise.between(4, 5e5, 1e6)) + 30_000 * days) * 3600;
    this.reactive.import = (floor(noise.between(5, 2e5, 8e5)) + 30_000 * days) * 3600;
    this.reactive.export = (floor(noise.between(6, 2e5, 8e5)) + 30_000 * days) * 3600;
    this.monthPeak = { closing: this.monthEnd(t), at: 0, watt: 0 };
    this.seedPeaks(t, noise);
    this.day = this.isDay(t);
  }

  /** Mean W so far over the whole quarter: ramps from 0 to the quarter's demand (1-0:1.4.0). */
  get demand(): number {
    return this.quarter / 900;
  }

  /** Wh of one direction, both tariffs. */
  wattHours(direction: 'import' | 'export'): number {
    return (this[direction].day + this[direction].night) / 3600;
  }

  /** One second that began at `t`, with its mean power in whole W and var. */
  tick(t: number, watt: number, reactive: number): void {
    this.power = watt;
    const tariff = this.day ? 'day' : 'night';
    if (watt > 0) {
      this.import[tariff] += watt;
      this.quarter += watt;
    } else this.export[tariff] -= watt;
    if (reactive > 0) this.reactive.import += reactive;
    else this.reactive.export -= reactive;
    if ((t + 1000) % QUARTER === 0) this.closeQuarter(t + 1000);
  }

  private closeQuarter(end: number): void {
    const watt = this.quarter / 900;
    this.quarter = 0;
    this.day = this.isDay(end);
    if (watt > this.monthPeak.watt) this.monthPeak = { closing: this.monthPeak.closing, at: end, watt };
    this.onQuarter?.(end, this);
    if (end < this.monthPeak.closing) return;
    this.peaks.push(this.monthPeak);
    if (this.peaks.length > MONTHS) this.peaks.shift();
    this.monthPeak = { closing: this.monthEnd(end), at: 0, watt: 0 };
  }

  /** Peaks of the months before, and one of the running month where some of it has passed. */
  private seedPeaks(t: number, noise: Noise): void {
    const { year, month } = this.zone.local(t);
    const monthStart = (back: number): number => this.zone.utc(Date.UTC(year, month - 1 - back, 1));
    for (let back = MONTHS; back >= 1; back--)
      this.peaks.push(peakBetween(noise, monthStart(back), monthStart(back - 1)));
    if (t > monthStart(0))
      this.monthPeak = { ...peakBetween(noise, monthStart(0), t), closing: this.monthPeak.closing };
  }

  private monthEnd(t: number): number {
    const { year, month } = this.zone.local(t);
    return this.zone.utc(Date.UTC(year, month, 1));
  }

  private isDay(t: number): boolean {
    const { year, month, day, hour } = this.zone.local(t);
    const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay();
    return weekday >= 1 && weekday <= 5 && hour >= 7 && hour < 22;
  }
}

/** Greatest of the day peaks: the same for a day whenever it is asked for. */
function peakBetween(noise: Noise, from: number, to: number): MonthPeak {
  let best: MonthPeak = { closing: to, at: 0, watt: 0 };
  for (let day = ceil(from / DAY); day * DAY < to; day++) {
    const watt = round(noise.between(day + 1e6, 2500, 8500));
    // between 16:15 and 20:15 UTC, when a family cooks
    const at = day * DAY + QUARTER * (65 + floor(noise.at(day + 2e6) * 16));
    if (watt > best.watt && at <= to) best = { closing: to, at, watt };
  }
  return best;
}
