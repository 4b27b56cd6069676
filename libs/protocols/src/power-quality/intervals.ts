import { longTermSeverity } from './flicker-severity.js';
import { Aggregation } from './interval.js';
import type { PowerQualityListener } from './listener.js';
import type { Values } from './values.js';

const TEN_MINUTES = 600_000;
const TWO_HOURS = 7_200_000;
const SHORT_TERMS = 12;
const WINDOWS = 15;

/**
 * Makes intervals of windows: 15 windows; 10 min by the clock, whose windows begin anew at its ticks; 2 h of twelve of them (IEC 61000-4-30 §4.5). An
 * interval of 15 windows that a tick meets ends there.
 */
export class Intervals {
  private readonly short = new Aggregation('150-cycle');
  private readonly tenMinutes = new Aggregation('10-min');
  private readonly twoHours = new Aggregation('2-hour');
  /** Pst of the intervals of 10 min, by voltage. */
  private readonly shortTerm = Array.from({ length: 3 }, () => new Float64Array(SHORT_TERMS).fill(NaN));
  private tick = NaN;

  constructor(
    private readonly listener: PowerQualityListener,
    private readonly takeFlicker: (phase: number) => number,
  ) {}

  /** Whether a cycle or window that begins then, in ms UTC, belongs to another interval than the one before. */
  isNew({ start }: { readonly start: number }): boolean {
    return Math.floor(start / TEN_MINUTES) !== this.tick;
  }

  /** A window of the running interval. */
  add(window: Values): void {
    this.short.add(window);
    if (this.short.parts === WINDOWS) this.endShort(window.end);
    this.tenMinutes.add(window);
  }

  /** Something that no window shows belongs to the running interval. */
  flag(): void {
    this.tenMinutes.flag();
  }

  /** The clock went past a tick: ends the interval before and begins the one of `time`. */
  turn(time: number): void {
    const before = this.tick;
    this.tick = Math.floor(time / TEN_MINUTES);
    if (Number.isNaN(before)) return;
    const end = (before + 1) * TEN_MINUTES;
    if (this.short.parts > 0) this.endShort(end);
    this.endTenMinutes(end, this.tick === before + 1);
    const day = Math.floor((before * TEN_MINUTES) / TWO_HOURS);
    if (Math.floor((this.tick * TEN_MINUTES) / TWO_HOURS) !== day) this.endTwoHours((day + 1) * TWO_HOURS);
  }

  private endShort(end: number): void {
    this.emit(this.short, { end, length: this.short.milliseconds });
  }

  private endTenMinutes(end: number, isInTurn: boolean): void {
    const { tenMinutes } = this;
    const flicker = tenMinutes.values.flicker;
    const place = (end / TEN_MINUTES - 1) % SHORT_TERMS;
    for (let k = 0; k < 3; k++) {
      flicker[k] = this.takeFlicker(k);
      this.shortTerm[k]![place] = flicker[k]!;
    }
    if (tenMinutes.parts === 0) return;
    // a clock that was set makes an interval of another length
    if (!isInTurn) tenMinutes.flag();
    const { values } = tenMinutes;
    this.emit(tenMinutes, { end, length: TEN_MINUTES });
    this.twoHours.add(values, values.covered * TEN_MINUTES);
  }

  private endTwoHours(end: number): void {
    for (let k = 0; k < 3; k++) {
      this.twoHours.values.flicker[k] = longTermSeverity(this.shortTerm[k]!);
      this.shortTerm[k]!.fill(NaN);
    }
    if (this.twoHours.parts > 0) this.emit(this.twoHours, { end, length: TWO_HOURS });
  }

  private emit(from: Aggregation, { end, length }: { end: number; length: number }): void {
    this.listener.onInterval?.(from.finish(end, length));
  }
}
