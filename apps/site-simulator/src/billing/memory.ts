import type { Zone } from '@smx-edge/model';
import { readingOf, type GridMeter, type Outage, type Past, type QuarterReading } from '../house/index.js';

const { floor } = Math;
const QUARTER = 900_000;
const HOUR = 3_600_000;
const MOST_EVENTS = 500;
const MOST_OUTAGES = 100;

/** Bits of the status of a row, the same for the meters of IDIS and of Landis+Gyr (EDIS). */
const POWER_DOWN = 0x80;
const SUMMER = 0x08;

/** A row of the load profile: registers at the end of the quarter hour, Ws and vars, and what happened in it. */
export interface MeterRow extends QuarterReading {
  readonly status: number;
  /** Local minus UTC at its end, ms. */
  readonly offset: number;
}

export interface MeterEvent {
  /** ms UTC. */
  readonly t: number;
  readonly what: 'power-down' | 'power-up' | 'clock-change';
}

/** What the house's meter keeps by itself: months of quarter hours and what happened to it. Rows and events oldest first. */
export class MeterMemory {
  readonly rows: MeterRow[] = [];
  readonly events: MeterEvent[] = [];
  private readonly zone: Zone;
  private readonly outages: Outage[] = [];
  private down: number | undefined;
  private offset = NaN;
  private hour = NaN;
  private isSummer = false;

  /** `capacity`: rows that fit. */
  constructor(
    past: Past,
    readonly capacity: number,
  ) {
    this.zone = past.zone;
    for (const { down, up } of past.outages) {
      this.powerDown(down);
      this.powerUp(up);
    }
    for (const reading of past.quarters) this.keep(reading);
    this.events.sort((a, b) => a.t - b.t);
  }

  /** The quarter hour that ended now; nothing is kept of one that ended without power. */
  quarter(end: number, meter: GridMeter): void {
    if (this.down === undefined) this.keep(readingOf(meter, end));
  }

  /** Rows that end in this stretch, both ends in it, ms UTC. */
  between(from: number, to: number): MeterRow[] {
    return this.rows.slice(this.place(from), this.place(to + 1));
  }

  powerDown(t: number): void {
    this.down = t;
    this.note({ t, what: 'power-down' });
  }

  powerUp(t: number): void {
    if (this.down === undefined) return;
    this.outages.push({ down: this.down, up: t });
    if (this.outages.length > MOST_OUTAGES) this.outages.shift();
    this.down = undefined;
    this.note({ t, what: 'power-up' });
  }

  private keep(reading: QuarterReading): void {
    const { end } = reading;
    const before = this.rows.at(-1)?.end ?? end - QUARTER;
    const hasFailed = this.outages.some(({ down, up }) => up > before && down < end);
    this.lookAtClock(end);
    const status = (this.isSummer ? SUMMER : 0) | (hasFailed ? POWER_DOWN : 0);
    this.rows.push({ ...reading, status, offset: this.offset });
    if (this.rows.length > this.capacity) this.rows.shift();
  }

  /** Index of the first row that does not end before `t`. */
  private place(t: number): number {
    let [low, high] = [0, this.rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rows[middle]!.end < t) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private lookAtClock(end: number): void {
    // clocks change on the hour
    const hour = floor(end / HOUR) * HOUR;
    if (hour === this.hour) return;
    this.hour = hour;
    const offset = this.zone.offset(hour);
    if (offset === this.offset) return;
    if (!Number.isNaN(this.offset)) this.note({ t: hour, what: 'clock-change' });
    this.offset = offset;
    this.isSummer = this.zone.isSummer(end);
  }

  private note(event: MeterEvent): void {
    this.events.push(event);
    if (this.events.length > MOST_EVENTS) this.events.shift();
  }
}

/** Whether clocks were ahead at the end of a row. */
export const isSummer = (status: number): boolean => (status & SUMMER) !== 0;
