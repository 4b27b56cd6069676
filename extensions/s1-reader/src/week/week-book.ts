import type { InstanceState } from '@smx-edge/extension-api';
import { describeError, type Log, type Zone } from '@smx-edge/model';
import type { IntervalValues, PowerQualityEvent } from '@smx-edge/protocols/power-quality';
import type { WeekReport } from './report.js';
import { isKeptWeek } from './kept-week.js';
import { RunningWeek, type KeptWeek, type WeekPlace } from './running-week.js';
import { weekOf } from './site-week.js';

const RUNNING = 'week';
const OVER = 'weeks';
/** Weeks kept that are over: two months. A week is about 5 kB. */
const MOST = 8;
/** ms between writes of the running week: what a crash may take of it. */
const WRITE = 3_600_000;
/** ms past a week's end at which all of it has come: its last interval ends with a window that overtakes it. */
const LATE = 5000;
/** The same by the clock, for a port that fell silent. */
const SILENT = 60_000;
/** ms by which the clock must have been set back so that a week goes on that was over. */
const BACK = 3_600_000;

export interface WeekBookTools {
  readonly state: InstanceState;
  readonly zone: Zone;
  readonly log: Log;
}

/** The weeks of a site after EN 50160, kept over restarts. A value belongs to the week in which its interval ends. */
export class WeekBook {
  private place: WeekPlace | undefined;
  private onOver: (report: WeekReport) => void = () => {};
  private running: RunningWeek | undefined;
  private written = 0;
  private writing = Promise.resolve();

  private constructor(
    private readonly tools: WeekBookTools,
    private kept: KeptWeek | undefined,
    private over: readonly KeptWeek[],
  ) {}

  /** What does not fit as a week is left out. */
  static async load(tools: WeekBookTools): Promise<WeekBook> {
    const { state } = tools;
    const running = await state.get<unknown>(RUNNING);
    const over = await state.get<unknown>(OVER);
    return new WeekBook(
      tools,
      isKeptWeek(running) ? running : undefined,
      Array.isArray(over) ? over.filter(isKeptWeek).slice(0, MOST) : [],
    );
  }

  /** A meter is there, which is the place of all weeks from now on, `t` in ms UTC; `onOver` is told of each week that is over. */
  begin(place: WeekPlace, { t, onOver }: { readonly t: number; readonly onOver: (report: WeekReport) => void }): void {
    this.place = place;
    this.onOver = onOver;
    const kept = this.running?.kept ?? this.kept;
    this.kept = undefined;
    this.running = kept && RunningWeek.resume(kept, place);
    if (kept !== undefined && this.running === undefined) {
      this.tools.log.info(
        'the week of the power quality begins anew, for another meter or voltage was measured before',
      );
      if (t > kept.span.end) this.close(RunningWeek.resume(kept));
    }
    this.written = t;
    this.turn(t);
  }

  /** Hz over 10 s that ended at `end`, ms UTC. */
  addFrequency(frequency: number, end: number): void {
    this.turn(end)?.addFrequency(frequency);
  }

  addInterval(values: IntervalValues): void {
    if (values.kind !== '150-cycle') this.turn(values.end)?.addInterval(values);
  }

  addEvent({ kind }: PowerQualityEvent): void {
    this.running?.addEvent(kind);
  }

  /** To be called now and then: ends a week also where nothing comes, and writes. */
  look(now: number): void {
    const { running } = this;
    if (running === undefined) return;
    if (now > running.span.end + SILENT) this.turn(now);
    if (Math.abs(now - this.written) < WRITE) return;
    this.written = now;
    void this.save();
  }

  /** The running week; undefined while no meter is there. */
  get now(): WeekReport | undefined {
    return this.running?.report(false);
  }

  /** Those that are over, the newest first. */
  get past(): readonly WeekReport[] {
    return this.over.flatMap((kept) => RunningWeek.resume(kept)?.report(true) ?? []);
  }

  /** Resolves when the running week is written. */
  save(): Promise<void> {
    if (this.running !== undefined) this.write(RUNNING, this.running.kept);
    return this.writing;
  }

  /** The week of what ended at `t`; undefined where that is over. */
  private turn(t: number): RunningWeek | undefined {
    const { running, place, tools } = this;
    if (place === undefined) return undefined;
    if (running !== undefined) {
      const { start, end } = running.span;
      if (t > start && t <= end + LATE) return running;
      if (t <= start && t > start - BACK) return undefined;
      if (t > end) this.close(running);
    }
    const span = weekOf(t, tools.zone);
    const again = this.over.find((kept) => kept.span.start === span.start);
    // weeks that are still to come are those of a clock that was wrong
    this.over = this.over.filter((kept) => kept.span.start < span.start);
    this.running = (again && RunningWeek.resume(again, place)) ?? new RunningWeek(span, place);
    void this.save();
    return this.running;
  }

  private close(week: RunningWeek | undefined): void {
    if (week === undefined || week.isEmpty) return;
    this.over = [week.kept, ...this.over.filter(({ span }) => span.start !== week.span.start)].slice(0, MOST);
    this.write(OVER, this.over);
    this.onOver(week.report(true));
  }

  private write(key: string, value: unknown): void {
    const { state, log } = this.tools;
    this.writing = this.writing.then(async () => {
      try {
        await state.set(key, value);
      } catch (error) {
        log.warn('weeks of the power quality could not be kept', { error: describeError(error) });
      }
    });
  }
}
