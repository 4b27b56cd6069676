import { BAD, roundTo, STALE, type HistoryRow, type PointDefinition, type Reading, type Zone } from '@smx-edge/model';
import { DelayStage } from './delay-stage.js';
import { Sample } from './sample.js';
import type { Shape } from './shape.js';
import { WindowStage, type SeedQueries } from './window-stage.js';

export interface FormOptions {
  readonly handle: number;
  readonly definition: PointDefinition;
  readonly shape: Shape;
  readonly zone: Zone;
  readonly now: number;
  /** The point's reading as it is now. */
  readonly seed: Reading;
  /** Called when the given reading changed. */
  readonly changed: (form: Form) => void;
}

/**
 * One point in one shape: window, then delay, then rate, then rounding. Shared by all views that give the point in
 * this shape, so what it costs does not grow with their number.
 */
export class Form {
  readonly handle: number;
  readonly shape: Shape;
  /** Views that use it. */
  users = 0;
  /** Stands in the list of changed forms. */
  isChanged = false;
  private readonly window: WindowStage | undefined;
  private readonly delay: DelayStage | undefined;
  private readonly input = new Sample();
  private readonly output = new Sample();
  /** The newest value that the rate holds back. */
  private readonly pending = new Sample();
  private hasPending = false;
  private lastOut = -Infinity;
  private now: number;

  constructor(private readonly options: FormOptions) {
    const { handle, definition, shape, zone, now, seed } = options;
    this.handle = handle;
    this.shape = shape;
    this.now = now;
    if (shape.delay > 0) this.delay = new DelayStage(shape, (sample) => this.limit(sample));
    if (shape.every > 0)
      this.window = new WindowStage({
        handle,
        shape,
        definition,
        zone,
        now,
        next: (closed) => this.afterWindow(closed),
      });
    this.output.quality = BAD;
    this.input.take(seed);
    if (this.window !== undefined) this.window.seed(this.input);
    else if (this.delay === undefined) this.output.copy(this.rounded(this.input));
    // what the point holds now was true at the latest now: it comes out a delay later
    else this.delay.add(this.seenAt(now));
  }

  /** Wall clock at which `tick` has something to do. */
  get due(): number {
    const rate = this.hasPending ? this.lastOut + this.shape.interval : Infinity;
    return Math.min(this.window?.due ?? Infinity, this.delay?.due ?? Infinity, rate);
  }

  /** Start of the time that the given reading stands for, ms UTC. */
  get start(): number {
    return this.output.start;
  }

  /** Whether it can serve a point of this definition: what windows and staleness rest on is the same. */
  fits(definition: PointDefinition): boolean {
    const { type, maxAge } = this.options.definition;
    return type === definition.type && maxAge === definition.maxAge;
  }

  /** The sample to fill before `ingest`. */
  get next(): Sample {
    return this.input;
  }

  ingest(now: number): void {
    this.now = now;
    if (this.window !== undefined) this.window.add(this.input);
    else this.afterWindow(this.input);
  }

  /** What history may add to a form that is new. */
  get seedQueries(): SeedQueries | undefined {
    return this.window?.seedQueries;
  }

  seedClosed(row: HistoryRow): void {
    this.window?.seedClosed(row);
  }

  seedRunning(rows: readonly HistoryRow[]): void {
    this.window?.seedRunning(rows);
  }

  tick(now: number): void {
    this.now = now;
    this.window?.tick(now);
    this.delay?.tick(now);
    if (this.hasPending && now >= this.lastOut + this.shape.interval) this.give(this.pending);
  }

  /** The clock was set back to `now`. */
  restart(now: number): void {
    this.now = now;
    this.window?.restart(now);
    this.delay?.restart(now);
    this.lastOut = Math.min(this.lastOut, now);
  }

  reading(): Reading {
    const reading = this.output.reading(this.options.definition);
    if (this.lastOut !== -Infinity || (this.window === undefined && this.delay === undefined)) return reading;
    const begun = this.window === undefined ? 'nothing old enough yet' : 'no window has closed yet';
    const { nextAt } = this;
    return {
      ...reading,
      reason: nextAt === Infinity ? begun : `${begun}; the first value comes at ${instant(nextAt)}`,
    };
  }

  /** When a value comes by time alone: its window is over, its delay too. ms UTC; Infinity where nothing is held back. */
  get nextAt(): number {
    const closes = this.window === undefined ? Infinity : this.window.end + this.shape.delay;
    return Math.min(closes, this.delay?.due ?? Infinity);
  }

  private afterWindow(sample: Sample): void {
    if (this.delay === undefined) this.limit(sample);
    else this.delay.add(sample);
  }

  private limit(sample: Sample): void {
    if (this.shape.interval === 0 || this.now >= this.lastOut + this.shape.interval) {
      this.give(sample);
      return;
    }
    this.pending.copy(sample);
    this.hasPending = true;
    // a value that is no longer true must not look fresh until its turn comes
    if (sample.quality !== STALE && sample.quality !== BAD) return;
    if (this.output.quality === STALE || this.output.quality === BAD) return;
    this.output.quality = STALE;
    this.output.reason = sample.reason;
    this.options.changed(this);
  }

  private give(sample: Sample): void {
    this.output.copy(this.rounded(sample));
    this.hasPending = false;
    this.lastOut = this.now;
    this.options.changed(this);
  }

  /** Rounds in place. */
  private rounded(sample: Sample): Sample {
    const { round } = this.shape;
    if (round === 0) return sample;
    if (!Number.isNaN(sample.number)) sample.number = roundTo(sample.number, round);
    if (typeof sample.other === 'object' && sample.other !== null)
      sample.other = sample.other.map((value) => roundTo(value, round));
    return sample;
  }

  private seenAt(now: number): Sample {
    this.input.asOf = now;
    this.input.start = now;
    return this.input;
  }
}

/** ISO 8601 UTC without a fraction. */
function instant(t: number): string {
  return `${new Date(t).toISOString().slice(0, 19)}Z`;
}
