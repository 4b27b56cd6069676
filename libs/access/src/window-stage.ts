import {
  BAD,
  SampleSpacing,
  UNCERTAIN,
  WindowAccumulator,
  windowEnd,
  windowStart,
  type PointDefinition,
  type Zone,
} from '@smx-edge/model';
import { Sample, type OtherValue } from './sample.js';
import type { Shape } from './shape.js';

/** Time a window waits for late samples after its end, beyond the usual lag of its source, ms. */
const GRACE = 1000;
const NO_SAMPLES = 'no samples in the window';
const DOUBTFUL = 'uncertain samples, or under 80 % of those expected';

export interface WindowStageOptions {
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
  private start = 0;
  private end = 0;
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

  add(sample: Sample): void {
    const { t } = sample;
    if (t > this.end) this.roll(t, sample.received);
    const lag = sample.received - t;
    // learnt from late samples too: windows then wait for a source whose clock is slow
    if (lag > this.lag) {
      this.lag = lag;
      this.setDue();
    }
    if (t <= this.start) return;
    const usable = sample.isUsable;
    if (usable) this.spacing.add(t);
    this.accumulator.add(this.isOther && sample.other !== null ? 0 : sample.number, t, sample.quality);
    if (usable && this.isOther && t >= this.otherT) {
      this.other = sample.other;
      this.otherT = t;
    }
    if (this.held === undefined) return;
    this.hasHeld = usable;
    if (usable) this.held.copy(sample);
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
