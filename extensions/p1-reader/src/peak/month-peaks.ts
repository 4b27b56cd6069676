import type { Zone } from '@smx-edge/model';
import type { ClosedQuarter } from './demand-reading.js';
import { monthEnd, QUARTER } from './quarter-time.js';

/** Months kept besides the running one. */
const MONTHS = 13;

/** Highest quarter demand of a local month. */
export interface MonthPeak {
  /** First instant after the month, ms UTC. */
  readonly closing: number;
  /** W. */
  readonly watt: number;
  /** End of the winning quarter, ms UTC; null where the meter gives no valid time. */
  readonly at: number | null;
  readonly by: 'meter' | 'own';
  /** A boundary of the winning quarter was interpolated. */
  readonly estimated?: boolean;
}

/** Month peaks: the meter's own (1-0:1.6.0, 0-0:98.1.0) win over those counted here. */
export class MonthPeaks {
  private readonly own = new Map<number, MonthPeak>();
  private readonly meter = new Map<number, MonthPeak>();

  private told: { readonly watt: number; readonly at: number | null } | undefined;
  private slot = NaN;
  private slotClosing = NaN;
  private mean: { until: number; count: number; floor: number; watt: number } | undefined;

  constructor(
    private readonly zone: Zone,
    saved: readonly MonthPeak[] = [],
  ) {
    for (const peak of saved) (peak.by === 'own' ? this.own : this.meter).set(peak.closing, peak);
  }

  /** Counts a whole quarter; partial ones never make a peak. True where it is a new peak of its month. */
  count({ end, watt, partial, estimated }: ClosedQuarter): boolean {
    if (partial) return false;
    // the quarter that ends at midnight belongs to the month before
    const closing = this.closing(end - 1);
    const best = this.own.get(closing);
    if (best !== undefined && best.watt >= watt) return false;
    this.put({ closing, watt, at: end, by: 'own', ...(estimated && { estimated }) });
    return true;
  }

  /** The meter's running month peak. `t` is the time of the telegram; a peak of the month before is kept as such. */
  byMeter(t: number, watt: number, at: number | null): void {
    // the same object comes with every telegram
    const { told } = this;
    if (at !== null && told !== undefined && told.watt === watt && told.at === at) return;
    this.told = { watt, at };
    const closing = this.closing(at === null ? t : at - 1);
    // a new month may begin with the moment of its reset and nought; a month that is over never gets smaller
    const least = this.of(closing)?.watt ?? 0;
    if (closing < this.closing(t) && (watt === 0 || watt < least)) return;
    this.put({ closing, watt, at, by: 'meter' });
  }

  /** A closed month as the meter remembers it. */
  closedByMeter(closing: number, watt: number, at: number | null): void {
    // the month is the one that holds the moment before closing, whatever hour the meter prints
    const end = this.closing(closing - 1);
    this.put({ closing: end, watt, at, by: 'meter' });
  }

  /** Peak of the month that holds `t`, or undefined before its first whole quarter. */
  current(t: number): MonthPeak | undefined {
    return this.of(this.closing(t));
  }

  /** Own and meter's peak of the month of `t`, where both are known. */
  both(t: number): { readonly own: MonthPeak; readonly meter: MonthPeak } | undefined {
    const closing = this.closing(t);
    const own = this.own.get(closing);
    const meter = this.meter.get(closing);
    return own === undefined || meter === undefined ? undefined : { own, meter };
  }

  /** Best known peak per month, oldest first. */
  list(): MonthPeak[] {
    const months = new Set([...this.own.keys(), ...this.meter.keys()]);
    return [...months].sort((a, b) => a - b).map((closing) => this.of(closing)!);
  }

  /** Everything, for a restart. */
  state(): MonthPeak[] {
    return [...this.own.values(), ...this.meter.values()];
  }

  /** Mean of the last `count` month peaks up to the one that holds `t`, each at least `floor`; NaN without any. */
  billing(t: number, count: number, floor: number): number {
    const until = this.closing(t);
    const { mean } = this;
    if (mean?.until === until && mean.count === count && mean.floor === floor) return mean.watt;
    const watt = this.meanOf(until, count, floor);
    this.mean = { until, count, floor, watt };
    return watt;
  }

  private meanOf(until: number, count: number, floor: number): number {
    const months = this.list().filter((peak) => peak.closing <= until).slice(-count); // prettier-ignore
    if (months.length === 0) return NaN;
    return months.reduce((sum, peak) => sum + Math.max(floor, peak.watt), 0) / months.length;
  }

  /** First instant after the month of `t`; months change on no finer grid than quarters. */
  private closing(t: number): number {
    const slot = Math.floor(t / QUARTER);
    if (slot !== this.slot) {
      this.slot = slot;
      this.slotClosing = monthEnd(this.zone, t);
    }
    return this.slotClosing;
  }

  private put(peak: MonthPeak): void {
    const peaks = peak.by === 'own' ? this.own : this.meter;
    const known = peaks.get(peak.closing);
    if (known !== undefined && known.watt === peak.watt && known.at === peak.at) return;
    peaks.set(peak.closing, peak);
    if (peaks.size > MONTHS + 1) peaks.delete(Math.min(...peaks.keys()));
    this.mean = undefined;
  }

  private of(closing: number): MonthPeak | undefined {
    return this.meter.get(closing) ?? this.own.get(closing);
  }
}
