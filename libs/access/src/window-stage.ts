import {
  BAD,
  GOOD,
  qualityCode,
  SampleSpacing,
  UNCERTAIN,
  WindowAccumulator,
  windowEnd,
  windowStart,
  type HistoryQuery,
  type HistoryRow,
  type PointDefinition,
  type Zone,
} from '@smx-edge/model';
import { Sample, type OtherValue } from './sample.js';
import type { Shape } from './shape.js';

/** Time a window waits for late samples after its end, beyond the usual lag of its source, ms. */
const GRACE = 1000;
/** Shorter windows are back before history has answered, longer ones hold too many samples to read again. */
const LEAST_SEEDED = 60_000;
const LONGEST_SEEDED = 3_600_000;
const NO_SAMPLES = 'no samples in the window';
const DOUBTFUL = 'uncertain samples, or under 80 % of those expected';

/** What to ask of history for a window that began in the middle. */
export interface SeedQueries {
  readonly closed: HistoryQuery;
  readonly running: HistoryQuery | undefined;
}

export interface WindowStageOptions {
  readonly handle: number;
  readonly shape: Shape;
  readonly definition: PointDefinition;
  readonly zone: Zone;
  readonly now: number;
  readonly next: (closed: Sample) => void;
}

/**
 * Turns samples into closed windows on the grid of model's `windowEnd`. A window closes when a sample of a later one
 * comes or, without any, `GRACE` after its end by the clock of the box, plus what the times of this source lie behind
 * that clock. Later samples of a closed window are left to history.
 */
export class WindowStage {
  /** Wall clock at which the running window closes by itself. */
  due = Infinity;
  /** End of the running window, ms UTC. */
  end = 0;
  private start = 0;
  private readonly accumulator: WindowAccumulator;
  private readonly spacing: SampleSpacing;
  private readonly closed = new Sample();
  private readonly isOther: boolean;
  private other: OtherValue = null;
  private otherT = -Infinity;
  /** Receive time minus source time: largest of this window and of the one before. */
  private lag = -Infinity;
  private lagBefore = -Infinity;
  /** State of a point that never turns stale: it holds until it changes, so `last` of a silent window is still it. */
  private readonly held: Sample | undefined;
  private hasHeld = false;
  /** Still the window that was running when the stage was made. */
  private isFirst = true;
  /** Source time of the first sample that came live: history is asked for those before. */
  private firstT = Infinity;

  constructor(private readonly options: WindowStageOptions) {
    const { shape, definition, now } = options;
    this.isOther = definition.type === 'string' || definition.type === 'numbers';
    this.accumulator = new WindowAccumulator(this.isOther ? 'last' : shape.as);
    this.spacing = new SampleSpacing(definition.maxAge);
    if (definition.maxAge === 0 && this.accumulator.as === 'last') this.held = new Sample();
    // an instant at an edge belongs to the window that it closes, of which nothing was seen
    this.begin(now + 1);
  }

  /** What the point holds already; only a state that never turns stale carries over into windows. */
  seed(sample: Sample): void {
    if (this.held === undefined || !sample.isUsable) return;
    this.held.copy(sample);
    this.hasHeld = true;
  }

  /** What history may hold of the last window and this one; undefined once a window closed live. */
  get seedQueries(): SeedQueries | undefined {
    const { shape, handle, now } = this.options;
    const { every, as } = shape;
    if (!this.isFirst || every < LEAST_SEEDED) return undefined;
    const closed = { handle, from: this.start - 1, to: this.start, every, as };
    // the value before the window, from which a delta counts, is not among its samples
    const isWhole = every <= LONGEST_SEEDED && as !== 'delta';
    return { closed, running: isWhole ? { handle, from: this.start, to: now } : undefined };
  }

  /** Gives the last window as history has it. */
  seedClosed([t, value, quality]: HistoryRow): void {
    if (!this.isFirst || t !== this.start) return;
    const { shape, zone } = this.options;
    const { closed } = this;
    closed.number = typeof value === 'boolean' ? Number(value) : typeof value === 'number' ? value : NaN;
    closed.other = typeof value === 'string' || (typeof value === 'object' && value !== null) ? value : null;
    closed.t = t;
    closed.asOf = t;
    closed.start = windowStart(t, shape.every, zone);
    closed.received = t;
    closed.quality = quality === undefined ? GOOD : qualityCode(quality);
    closed.reason = value === null ? NO_SAMPLES : closed.quality === UNCERTAIN ? DOUBTFUL : undefined;
    this.options.next(closed);
  }

  /** Takes samples of the running window that came before the stage was made. */
  seedRunning(rows: readonly HistoryRow[]): void {
    if (!this.isFirst) return;
    const sample = new Sample();
    for (const [t, value, quality] of rows) {
      if (t <= this.start || t > this.end || t >= this.firstT) continue;
      sample.take({ value, t, received: t, quality: quality === undefined ? GOOD : qualityCode(quality) });
      this.enter(sample);
    }
  }

  add(sample: Sample): void {
    const { t } = sample;
    if (t < this.firstT) this.firstT = t;
    if (t > this.end) this.roll(t, sample.received);
    const lag = sample.received - t;
    // learnt from late samples too: windows then wait for a source whose clock is slow
    if (lag > this.lag) {
      this.lag = lag;
      this.setDue();
    }
    if (t <= this.start) return;
    this.enter(sample);
    if (this.held === undefined) return;
    this.hasHeld = sample.isUsable;
    if (this.hasHeld) this.held.copy(sample);
  }

  private enter(sample: Sample): void {
    const { t } = sample;
    const usable = sample.isUsable;
    if (usable) this.spacing.add(t);
    this.accumulator.add(this.isOther && sample.other !== null ? 0 : sample.number, t, sample.quality);
    if (usable && this.isOther && t >= this.otherT) {
      this.other = sample.other;
      this.otherT = t;
    }
  }

  tick(now: number): void {
    if (now >= this.due) this.roll(Math.max(this.end + 1, now - (this.due - this.end)), now);
  }

  /** Begins a new window at once where the running one lies ahead of a clock that was set back. */
  restart(now: number): void {
    if (this.start <= now) return;
    this.accumulator.reset();
    this.other = null;
    this.otherT = -Infinity;
    this.lag = -Infinity;
    this.begin(now + 1);
  }

  private begin(t: number): void {
    const { shape, zone } = this.options;
    this.end = windowEnd(t, shape.every, zone);
    this.start = windowStart(this.end, shape.every, zone);
    this.setDue();
  }

  private setDue(): void {
    const lag = Math.max(this.lag, this.lagBefore);
    // whole seconds, so that the windows of many points close together
    this.due = this.end + GRACE + (lag === -Infinity ? 0 : Math.ceil(lag / 1000) * 1000);
  }

  /** Closes the running window and goes on with the one that holds `t`; what lies between was silent. */
  private roll(t: number, now: number): void {
    const { shape, zone } = this.options;
    const wasEnd = this.end;
    this.close(now);
    const end = windowEnd(t, shape.every, zone);
    const start = windowStart(end, shape.every, zone);
    if (start > wasEnd) {
      this.end = start;
      this.start = windowStart(start, shape.every, zone);
      this.close(now);
    }
    this.begin(t);
  }

  private close(now: number): void {
    const { closed } = this;
    const { count } = this.accumulator;
    this.isFirst = false;
    const { value, quality } = this.accumulator.close(this.spacing.expected(this.end - this.start));
    closed.number = value ?? NaN;
    closed.other = this.other;
    closed.quality = quality;
    closed.reason = count === 0 ? NO_SAMPLES : this.reasonOf(value, quality);
    if (count === 0 && this.held !== undefined && this.hasHeld) {
      closed.number = this.held.number;
      closed.other = this.held.other;
      closed.quality = this.held.quality;
      closed.reason = this.held.reason;
    }
    closed.t = this.end;
    closed.asOf = this.end;
    closed.start = this.start;
    closed.received = now;
    this.other = null;
    this.otherT = -Infinity;
    this.lagBefore = this.lag;
    this.lag = -Infinity;
    this.options.next(closed);
  }

  private reasonOf(value: number | null, quality: number): string | undefined {
    if (value === null) return quality === BAD ? 'no earlier value to count from' : 'the counter fell';
    return quality === UNCERTAIN ? DOUBTFUL : undefined;
  }
}
