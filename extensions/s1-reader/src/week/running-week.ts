import { Week, type EventKind, type IntervalValues, type Wiring } from '@smx-edge/protocols/power-quality';
import { reportOf, type WeekReport } from './report.js';
import type { SiteWeek } from './site-week.js';

/** The place that a week is measured at. */
export interface WeekPlace {
  readonly wiring: Wiring;
  /** Hz. */
  readonly rate: number;
  readonly nominal: 50 | 60;
  /** V. */
  readonly declared: number;
  readonly voltages: readonly string[];
}

/** A week as it is kept. JSON. */
export interface KeptWeek {
  readonly span: SiteWeek;
  readonly place: WeekPlace;
  readonly state: readonly number[];
  readonly events: Readonly<Record<EventKind, number>>;
}

/** One week of a place, going on or over. */
export class RunningWeek {
  private readonly week: Week;
  private readonly events: Record<EventKind, number> = { dip: 0, swell: 0, interruption: 0, 'rapid-change': 0 };

  constructor(
    readonly span: SiteWeek,
    private readonly place: WeekPlace,
  ) {
    this.week = new Week(place);
  }

  /** Goes on with what was kept; undefined where it is of another place. */
  static resume(kept: KeptWeek, place: WeekPlace = kept.place): RunningWeek | undefined {
    const { wiring, nominal, declared } = place;
    const was = kept.place;
    if (was.wiring !== wiring || was.nominal !== nominal || was.declared !== declared) return undefined;
    const running = new RunningWeek(kept.span, place);
    if (!running.week.resume(kept.state)) return undefined;
    Object.assign(running.events, kept.events);
    return running;
  }

  get kept(): KeptWeek {
    return { span: this.span, place: this.place, state: this.week.state, events: { ...this.events } };
  }

  /** Whether nothing at all is known of it. */
  get isEmpty(): boolean {
    const { week, events } = this;
    return week.criteria.every(({ counted }) => counted === 0) && Object.values(events).every((count) => count === 0);
  }

  addFrequency(frequency: number): void {
    this.week.addFrequency(frequency);
  }

  addInterval(values: IntervalValues): void {
    this.week.addInterval(values);
  }

  addEvent(kind: EventKind): void {
    this.events[kind]++;
  }

  report(isOver: boolean): WeekReport {
    const { span, place, week, events } = this;
    const { declared, voltages } = place;
    return reportOf({ span, isOver, declared, voltages, criteria: week.criteria, excluded: week.excluded, events });
  }
}
