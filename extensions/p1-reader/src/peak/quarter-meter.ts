import { DemandKind } from './demand-kind.js';
import type { ClosedQuarter, DemandReading, RunningQuarter } from './demand-reading.js';
import { QUARTER, quarterEnd } from './quarter-time.js';

/** Longest gap over a boundary that is interpolated. */
const BRIDGE = 60_000;

/** Where the running quarter is counted from: at `t` the register stood at `wh` and the quarter at `watt`. */
interface Anchor {
  t: number;
  wh: number;
  watt: number;
  /** The quarter is known from its start on. */
  whole: boolean;
  estimated: boolean;
}

interface Last {
  t: number;
  wh: number | null;
  /** W of the running quarter, full-quarter basis. */
  watt: number | null;
  power: number | null;
}

/** JSON of the running quarter, for a restart. */
export interface QuarterState {
  readonly end: number | null;
  readonly anchor: (Omit<Anchor, 'wh'> & { readonly wh: number | null }) | null;
  readonly last: Last | null;
  readonly average: boolean;
}

/**
 * Demand of the fixed clock quarter from the import registers, helped by the meter's own 1-0:1.4.0 where present.
 * Time is the meter's: there is no clock in here. Facts: capacity tariff of Flanders, import only, no netting of
 * registers over the quarter.
 */
export class QuarterMeter {
  private end = NaN;
  private anchor: Anchor | undefined;
  private last: Last | undefined;
  private readonly kind: DemandKind;

  constructor(saved?: QuarterState) {
    this.kind = new DemandKind(saved?.average ?? false);
    if (saved === undefined || saved.end === null) return;
    this.end = saved.end;
    this.anchor = saved.anchor === null ? undefined : { ...saved.anchor, wh: saved.anchor.wh ?? NaN };
    this.last = saved.last === null ? undefined : { ...saved.last };
  }

  /** Takes a telegram; the quarter it closed, if it closed one. A telegram with the time of the one before is ignored. */
  take(reading: DemandReading): ClosedQuarter | undefined {
    const { last } = this;
    if (last !== undefined && reading.t === last.t) return undefined;
    if (last === undefined) this.begin(reading);
    else if (reading.t < this.end - QUARTER) {
      // the meter's clock was set back over a boundary: by a little is waited for, by more starts anew
      if (last.t - reading.t <= BRIDGE) return undefined;
      this.begin(reading);
    }
    const closed = reading.t >= this.end ? this.cross(reading) : undefined;
    this.count(reading);
    return closed;
  }

  get running(): RunningQuarter {
    const { anchor, last } = this;
    const watt = last?.watt ?? NaN;
    const whole = anchor?.whole ?? false;
    return { end: this.end, watt, partial: !whole, estimated: anchor?.estimated ?? false };
  }

  /** The register was exchanged: what was counted before says nothing about it. */
  forget(): void {
    this.anchor = undefined;
    this.last = undefined;
    this.end = NaN;
  }

  state(): QuarterState {
    const { anchor } = this;
    return {
      end: Number.isNaN(this.end) ? null : this.end,
      anchor: anchor === undefined ? null : { ...anchor, wh: Number.isNaN(anchor.wh) ? null : anchor.wh },
      last: this.last === undefined ? null : { ...this.last },
      average: this.kind.average,
    };
  }

  /** First telegram, or the meter's clock went back. */
  private begin({ t }: DemandReading): void {
    this.end = quarterEnd(t);
    this.anchor = undefined;
    this.last = undefined;
    // the first telegram stands on the boundary itself: the quarter is whole
    if (t === this.end - QUARTER) this.anchor = { t, wh: NaN, watt: 0, whole: true, estimated: false };
  }

  /** The telegram is at or past the end of the running quarter. */
  private cross(reading: DemandReading): ClosedQuarter | undefined {
    const { end, anchor, last } = this;
    const next = quarterEnd(reading.t);
    const gap = reading.t - (last?.t ?? -Infinity);
    const bridged = reading.t === end || (gap <= BRIDGE && next === end + QUARTER);
    const estimated = reading.t !== end;
    const wh = bridged ? this.registerAt(end, reading) : undefined;
    const closed = this.close({ end, bridged, estimated, wh });
    this.end = next;
    this.anchor =
      bridged && (wh !== undefined || anchor !== undefined)
        ? { t: end, wh: wh ?? NaN, watt: 0, whole: true, estimated: estimated && wh !== undefined }
        : undefined;
    return closed;
  }

  private close(at: {
    end: number;
    bridged: boolean;
    estimated: boolean;
    wh: number | undefined;
  }): ClosedQuarter | undefined {
    const { anchor, last } = this;
    if (anchor === undefined || last?.watt === undefined || last.watt === null) return undefined;
    const { end, wh } = at;
    if (!at.bridged) return { end, watt: last.watt, partial: true, estimated: false };
    const flags = { partial: !anchor.whole, estimated: anchor.estimated || at.estimated };
    if (wh !== undefined && !Number.isNaN(anchor.wh))
      return { end, watt: anchor.watt + 4 * (wh - anchor.wh), ...flags };
    // no register: the meter's last word and what power added to it since
    const rest = ((last.power ?? 0) * (end - last.t)) / QUARTER;
    return { end, watt: last.watt + rest, ...flags, estimated: flags.estimated || last.power === null };
  }

  /** Wh at `end`, which lies at or between the telegram before and this one. */
  private registerAt(end: number, { t, energy }: DemandReading): number | undefined {
    if (energy === undefined) return undefined;
    if (t === end) return energy;
    const { last } = this;
    if (last?.wh === undefined || last.wh === null) return undefined;
    return last.wh + ((energy - last.wh) * (end - last.t)) / (t - last.t);
  }

  private count(reading: DemandReading): void {
    const { t, energy, power } = reading;
    const elapsed = t - (this.end - QUARTER);
    const own = this.own(energy);
    const meter = reading.demand === undefined ? undefined : this.byMeter(reading.demand, { elapsed, own });
    const { anchor } = this;
    if (meter !== undefined && (anchor === undefined || !anchor.whole || Number.isNaN(anchor.wh)))
      this.anchor = { t, wh: energy ?? NaN, watt: meter, whole: true, estimated: false };
    else if (energy !== undefined && (anchor === undefined || Number.isNaN(anchor.wh)))
      this.anchor = anchor === undefined ? { t, wh: energy, watt: 0, whole: false, estimated: false } : { ...anchor, wh: energy, t, whole: anchor.whole && anchor.t === t }; // prettier-ignore
    const watt = meter ?? own ?? this.own(energy) ?? null;
    this.last = { t, wh: energy ?? null, watt, power: power ?? null };
  }

  /** W so far by the register. */
  private own(energy: number | undefined): number | undefined {
    const { anchor } = this;
    if (energy === undefined || anchor === undefined || Number.isNaN(anchor.wh)) return undefined;
    return anchor.watt + 4 * (energy - anchor.wh);
  }

  /** The meter's figure on full-quarter basis; on the boundary itself a meter may still show the quarter that ended. */
  private byMeter(demand: number, at: { elapsed: number; own: number | undefined }): number | undefined {
    if (at.elapsed === 0) return 0;
    if (this.anchor?.whole === true && at.own !== undefined) this.kind.compare(demand, at.own, at.elapsed / QUARTER);
    return this.kind.average ? (demand * at.elapsed) / QUARTER : demand;
  }
}
