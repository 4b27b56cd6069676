import { BasicWindow, type Span } from './basic-window.js';
import { Crossings } from './crossings.js';
import { deriveValues, type SpanFacts } from './derive.js';
import { EventWatch, type Clock } from './event-watch.js';
import { Flickermeter } from './flickermeter.js';
import { FrequencyMeter } from './frequency-meter.js';
import { HalfCycleIntegral } from './half-cycle-integral.js';
import { TAPS } from './interpolation.js';
import { Intervals } from './intervals.js';
import type { PowerQualityListener } from './listener.js';
import { settingOf, type PowerQualityOptions, type Setting } from './options.js';
import { SampleStore, type SampleBlock } from './sample-store.js';
import { SpanSums } from './span-sums.js';
import { Spectrum } from './spectrum.js';
import { Values } from './values.js';

/** Samples taken at once. */
const PIECE = 256;
/** Share of a period up to which a loss is short: its neighbours tell what was in it. */
const SHORT = 0.125;

/**
 * Measures voltage and current from their samples after IEC 61000-4-30 class S. Samples go in by blocks of any size; what came of them is told
 * before `push` returns, about 30 ms behind the last sample. Nothing is allocated but for events.
 */
export class PowerQuality implements Clock, SpanFacts {
  readonly setting: Setting;
  /** Samples per second. */
  rate: number;

  private readonly store: SampleStore;
  private readonly crossings: Crossings;
  private readonly integral: HalfCycleIntegral;
  private readonly spectrum: Spectrum;
  private readonly watch: EventWatch;
  private readonly intervals: Intervals;
  private readonly frequency: FrequencyMeter;
  private readonly flicker: readonly Flickermeter[];
  private readonly half = new SpanSums();
  private readonly cycle = new SpanSums();
  private readonly cycleValues = new Values();
  private readonly windowValues = new Values();
  /** The window that fills, and the one that a tick overtook. */
  private window = new BasicWindow();
  private overtaken = new BasicWindow();
  /** Positions of the running cycle. */
  private readonly span = { start: NaN, end: NaN };
  /** Whether an event was there in the running cycle. */
  private inEvent = false;
  /** ms UTC of the cycle that met a tick. */
  private tickTime = NaN;
  /** Position and ms UTC of the first sample of the last block. */
  private anchor = 0;
  private anchorTime = NaN;

  constructor(
    options: PowerQualityOptions,
    private readonly listener: PowerQualityListener,
  ) {
    this.setting = settingOf(options);
    this.rate = this.setting.rate;
    this.store = new SampleStore(this.setting);
    this.crossings = new Crossings(this.store, this.setting);
    this.integral = new HalfCycleIntegral(this.store, this.setting.phases);
    this.spectrum = new Spectrum(this.setting);
    this.watch = new EventWatch(this.setting, this, listener);
    this.flicker = Array.from({ length: this.setting.phases }, () => new Flickermeter(this.setting));
    this.intervals = new Intervals(listener, (phase) => this.flicker[phase]?.take() ?? NaN);
    this.frequency = new FrequencyMeter(listener.onFrequency);
  }

  get hasNeutral(): boolean {
    return this.store.hasNeutral;
  }

  timeOf(position: number): number {
    return this.anchorTime + ((position - this.anchor) / this.rate) * 1000;
  }

  push(block: SampleBlock): void {
    this.rate = block.rate ?? this.setting.rate;
    // filled in, but not looked at before what comes after it is there
    let gap = block.lost > 0 ? this.bridge(block) : 0;
    this.anchor = this.store.end;
    this.anchorTime = block.time;
    for (let from = 0; from < block.count; from += PIECE) {
      const to = Math.min(block.count, from + PIECE);
      this.makeRoom(to - from);
      this.store.append(block, from, to);
      if (gap > 0) this.store.smooth(gap, to - from, this.crossings.period);
      this.advance(to - from + gap);
      gap = 0;
    }
  }

  /** Losses of up to a window are bridged by the cycle before; after longer ones all begins anew. Gives the length of a short one. */
  private bridge({ lost, count }: SampleBlock): number {
    const { store, crossings, setting } = this;
    if (lost <= setting.windowCycles * crossings.period && store.length > 2 * crossings.period) {
      const isLong = lost > SHORT * crossings.period || count === 0;
      this.makeRoom(lost);
      store.repeat(lost, crossings.period, isLong);
      if (!isLong) return lost;
      this.advance(lost);
      return 0;
    }
    store.restart(store.end + lost);
    crossings.restart();
    this.span.start = NaN;
    this.window.isOpen = false;
    this.overtaken.isOpen = false;
    this.watch.restart();
    this.intervals.flag();
    for (const meter of this.flicker) meter.restart();
    return 0;
  }

  private makeRoom(count: number): void {
    const { store, crossings, window, overtaken } = this;
    if (store.length + count <= store.capacity) return;
    let needed = Math.min(crossings.needed, store.end - 2 * crossings.period);
    if (Number.isNaN(needed)) needed = store.end - store.capacity / 2;
    if (window.isOpen) needed = Math.min(needed, window.start - TAPS);
    if (overtaken.isOpen) needed = Math.min(needed, overtaken.start - TAPS);
    store.forget(needed);
  }

  private advance(added: number): void {
    const { store, crossings, flicker } = this;
    for (let k = 0; k < flicker.length; k++) flicker[k]!.push(store.channels[k]!, store.length - added, store.length);
    while (crossings.next()) if (!Number.isNaN(crossings.from)) this.endHalf();
  }

  private endHalf(): void {
    const { crossings, half, cycle } = this;
    this.integral.measure(half, crossings);
    half.isSynced = crossings.isSynced;
    this.watch.push(half, crossings);
    this.inEvent ||= this.watch.inEvent;
    if (crossings.isRising) {
      if (Number.isNaN(this.span.start)) return;
      cycle.add(half);
      this.span.end = crossings.to;
      this.endCycle();
    } else {
      cycle.clear();
      cycle.add(half);
      this.span.start = crossings.from;
    }
  }

  private endCycle(): void {
    const { cycle, cycleValues } = this;
    this.stamp(cycleValues, this.span);
    if (this.listener.onCycle !== undefined) {
      cycleValues.cycles = 1;
      cycleValues.isFlagged = this.inEvent;
      deriveValues(cycleValues, cycle, this);
      this.listener.onCycle(cycleValues);
    }
    this.frequency.add(cycleValues, cycle, this);
    if (!this.overtaken.isOpen && this.intervals.isNew(cycleValues)) this.meetTick(cycleValues.start);
    if (!this.window.isOpen) this.window.open(this.span);
    this.fill(this.window);
    this.fill(this.overtaken);
    this.inEvent = false;
    this.endWindows();
  }

  /** The window that fills goes on to its end, as part of the interval before the tick; another begins (IEC 61000-4-30 §4.5.3). */
  private meetTick(time: number): void {
    if (!this.window.isOpen) {
      this.intervals.turn(time);
      return;
    }
    const { overtaken } = this;
    this.overtaken = this.window;
    this.window = overtaken;
    this.tickTime = time;
  }

  private fill(window: BasicWindow): void {
    if (window.isOpen) window.add(this.cycle, this.span, this.inEvent);
  }

  private endWindows(): void {
    const { window, overtaken } = this;
    const { windowCycles } = this.setting;
    if (overtaken.isOpen && overtaken.cycles === windowCycles) {
      this.endWindow(overtaken);
      this.intervals.turn(this.tickTime);
    }
    if (window.isOpen && window.cycles === windowCycles) this.endWindow(window);
  }

  private stamp(values: Values, { start, end }: Span): void {
    values.start = this.anchorTime + ((start - this.anchor) / this.rate) * 1000;
    values.end = this.anchorTime + ((end - this.anchor) / this.rate) * 1000;
  }

  private endWindow(window: BasicWindow): void {
    const { windowValues: values } = this;
    this.stamp(values, window);
    values.cycles = window.cycles;
    values.isFlagged = window.isFlagged;
    deriveValues(values, window.sums, this);
    this.spectrum.measure(values, this.store, window);
    window.isOpen = false;
    this.listener.onWindow?.(values);
    this.intervals.add(values);
  }
}
