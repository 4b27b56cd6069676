import { windowStart, type Zone } from '@smx-edge/model';
import type { Conditions, HoursOfDay, Moment } from './role.js';

const DAY = 86_400_000;
/** Offsets of time zones change on no finer grid. */
const QUARTER = 900_000;

interface Span {
  /** Inclusive, ms UTC. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** When a grant holds: from/until and hours of the day in the zone of the site, with its summer time. */
export class Validity {
  private readonly from: number;
  private readonly until: number;
  private readonly hours: HoursOfDay | undefined;
  private span: Span = { from: Infinity, to: -Infinity };

  constructor(
    conditions: Conditions,
    private readonly zone: Zone,
  ) {
    this.from = utc(conditions.from, zone) ?? -Infinity;
    this.until = utc(conditions.until, zone) ?? Infinity;
    this.hours = conditions.hours;
  }

  /** Whether the grant never changes by time. */
  get isEternal(): boolean {
    return this.from === -Infinity && this.until === Infinity && this.hours === undefined;
  }

  /** from <= t < until, ms UTC, and the hours of the local day; absent = without bound. */
  get bounds(): { readonly from?: number; readonly until?: number; readonly hours?: readonly [number, number] } {
    return {
      ...(this.from === -Infinity ? {} : { from: this.from }),
      ...(this.until === Infinity ? {} : { until: this.until }),
      ...(this.hours === undefined ? {} : { hours: [this.hours.from, this.hours.to] as const }),
    };
  }

  /** The part of from … to during which the grant may hold, without regard to hours. */
  clip(from: number, to: number): Span {
    return { from: Math.max(from, this.from), to: Math.min(to, this.until) };
  }

  get isDaily(): boolean {
    return this.hours !== undefined;
  }

  holds(t: number): boolean {
    if (t < this.from || t >= this.until) return false;
    return this.hours === undefined || this.inHours(t, this.hours);
  }

  /** Whether all of start < t <= end lies in one stretch of validity. */
  holdsThrough(start: number, end: number): boolean {
    if (start < this.from || end > this.until) return false;
    if (this.hours === undefined) return true;
    const { from, to } = this.stretch(start);
    return start >= from && end <= to;
  }

  /** Whether a row is given: a sample of time `t`, or with `every` > 0 the window that ends there. */
  gives(t: number, every: number): boolean {
    return every === 0 ? this.holds(t) : this.holdsThrough(windowStart(t, every, this.zone), t);
  }

  /** Start of the stretch of validity that holds `t`; -Infinity where it has none. */
  since(t: number): number {
    return this.hours === undefined ? this.from : Math.max(this.from, this.stretch(t).from);
  }

  /** A time after `t` before which `holds` does not change; Infinity where it never will. */
  nextEdge(t: number): number {
    if (t < this.from) return this.from;
    if (t >= this.until) return Infinity;
    if (this.hours === undefined) return this.until;
    return Math.min(this.until, this.hourEdges(t, this.hours).find((edge) => edge > t) ?? t + DAY);
  }

  private inHours(t: number, { from, to }: HoursOfDay): boolean {
    const day = (((t + this.zone.offset(t)) % DAY) + DAY) % DAY;
    return from < to ? day >= from && day < to : day >= from || day < to;
  }

  /** The stretch of open hours that holds `t`, or an empty one. */
  private stretch(t: number): Span {
    const { hours, span } = this;
    if (hours === undefined) return { from: -Infinity, to: Infinity };
    if (t >= span.from && t < span.to) return span;
    if (!this.inHours(t, hours)) return { from: Infinity, to: -Infinity };
    const edges = this.hourEdges(t, hours);
    const from = edges.findLast((edge) => edge <= t && !this.inHours(edge - 1, hours)) ?? t;
    const to = edges.find((edge) => edge > t && !this.inHours(edge, hours)) ?? t;
    this.span = { from, to };
    return this.span;
  }

  /**
   * Every instant from two days before to two days after `t` at which the hours can open or close, in order. A local
   * time that the clocks pass twice counts twice, one they skip opens or closes at the step itself.
   */
  private hourEdges(t: number, { from, to }: HoursOfDay): number[] {
    const { zone } = this;
    const edges = new Set<number>();
    const offsets = new Set([zone.offset(t - 2 * DAY), zone.offset(t), zone.offset(t + 2 * DAY)]);
    for (const offset of offsets) {
      const midnight = Math.floor((t + offset) / DAY) * DAY;
      for (let day = -2; day <= 2; day++)
        for (const hour of [from, to]) edges.add(midnight + day * DAY + hour - offset);
    }
    for (const start of [t - 2 * DAY, t]) {
      const step = clockStep(zone, start, start + 2 * DAY);
      if (step !== undefined) edges.add(step);
    }
    return [...edges].sort((a, b) => a - b);
  }
}

/** The instant within a … b at which the zone's offset changes, if it does. */
function clockStep(zone: Zone, a: number, b: number): number | undefined {
  let low = Math.floor(a / QUARTER);
  let high = Math.ceil(b / QUARTER);
  const before = zone.offset(low * QUARTER);
  if (zone.offset(high * QUARTER) === before) return undefined;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (zone.offset(middle * QUARTER) === before) low = middle;
    else high = middle;
  }
  return high * QUARTER;
}

function utc(moment: Moment | undefined, zone: Zone): number | undefined {
  if (moment === undefined) return undefined;
  return moment.local ? zone.utc(moment.t) : moment.t;
}
