import type { HalfCycle } from './crossings.js';
import type { PowerQualityEvent } from './event.js';
import { HalfCycleLevels } from './half-cycle-levels.js';
import type { PowerQualityListener } from './listener.js';
import type { Setting } from './options.js';
import { RapidChange, type RapidChangeSpan } from './rapid-change.js';
import type { SpanSums } from './span-sums.js';
import { eventRules, VoltageEvent, type EventSpan } from './voltage-event.js';

/** ms UTC and samples per second of a position. */
export interface Clock {
  readonly rate: number;
  timeOf(position: number): number;
}

/** Finds events in half cycles and tells of them. */
export class EventWatch {
  private readonly levels: HalfCycleLevels;
  private readonly events: readonly VoltageEvent[];
  private readonly rapidChange: RapidChange;
  /** Whether a dip, swell or interruption was there in the last half cycle. */
  inEvent = false;

  constructor(
    private readonly setting: Setting,
    private readonly clock: Clock,
    private readonly listener: PowerQualityListener,
  ) {
    const levels = new HalfCycleLevels(setting.phases);
    this.levels = levels;
    this.events = eventRules(setting).map((rule) => new VoltageEvent(rule, levels));
    this.rapidChange = new RapidChange(levels, setting);
  }

  push(sums: SpanSums, half: HalfCycle): void {
    this.levels.push(sums, half);
    if (this.levels.count < 3) return;
    this.inEvent = false;
    for (const event of this.events) {
      const wasActive = event.isActive;
      const wasTold = wasActive && event.isSure;
      const ended = event.step();
      if (event.isActive && event.isSure && !wasTold) this.tellBegin(event);
      if (ended !== undefined) this.tell(ended);
      this.inEvent ||= wasActive || event.isActive;
    }
    const changed = this.rapidChange.step(this.inEvent);
    if (changed !== undefined) this.tellChange(changed);
  }

  /** After a loss too long to bridge: what went on is told as far as it was seen. */
  restart(): void {
    for (const event of this.events) {
      const brokenOff = event.breakOff();
      if (brokenOff !== undefined) this.tell(brokenOff);
    }
    this.levels.restart();
    this.rapidChange.restart();
  }

  private tellBegin({ kind, since }: VoltageEvent): void {
    this.listener.onEventBegin?.({ kind, start: this.clock.timeOf(since) });
  }

  private tell({ rule, start, end, stampedStart, stampedEnd, ...span }: EventSpan): void {
    const { declared } = this.setting;
    const { extreme, phases, isFlagged, isSure } = span;
    const event: PowerQualityEvent = {
      kind: rule.kind,
      start: this.clock.timeOf(start),
      duration: (end - start) / this.clock.rate,
      stampedDuration: (stampedEnd - stampedStart) / this.clock.rate,
      extreme,
      depth: Math.abs(extreme - declared) / declared,
      steadyChange: NaN,
      phases,
      isFlagged,
    };
    if (isSure) this.listener.onEvent?.(event);
    else this.listener.onDoubt?.(event);
  }

  private tellChange({ start, end, extreme, largest, steady, phases, isFlagged }: RapidChangeSpan): void {
    const duration = (end - start) / this.clock.rate;
    this.listener.onEvent?.({
      ...{ kind: 'rapid-change', start: this.clock.timeOf(start), duration, stampedDuration: duration },
      ...{ extreme, depth: largest, steadyChange: steady, phases, isFlagged },
    });
  }
}
