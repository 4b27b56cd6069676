import type { Device } from '@smx-edge/extension-api';
import { describeError, type Log } from '@smx-edge/model';
import type { IntervalValues, PowerQualityEvent } from '@smx-edge/protocols/power-quality';
import { rounded } from '../points/quantity.js';
import type { LimitReport, Verdict, WeekReport } from './report.js';
import type { WeekPlace } from './running-week.js';
import type { WeekBook } from './week-book.js';

/** Limits that have a point for each voltage, by what its path calls them. */
const PHASES = { voltage: 'voltage', flicker: 'flicker', distortion: 'distortion', harmonic: 'harmonics' } as const;
/** Three intervals of 10 min. */
const MAX_AGE = '30m';

const WORDS: Readonly<Record<Verdict, string>> = {
  ok: 'all limits of EN 50160 were kept',
  exceeded: 'limits of EN 50160 were exceeded',
  incomplete: 'too little was measured to say whether the limits of EN 50160 were kept',
};

/** What a meter's weeks are told by: points, and an event at the end of each. */
export class MeterWeeks {
  private readonly device: Device;
  private readonly weeks: WeekBook;
  private readonly log: Log;

  constructor(
    { device, weeks, log }: { readonly device: Device; readonly weeks: WeekBook; readonly log: Log },
    place: WeekPlace,
    now: number,
  ) {
    this.device = device;
    this.weeks = weeks;
    this.log = log;
    device.point('pq/week', { type: 'string', maxAge: 0 });
    const ofAll = ['frequency', ...(place.wiring === 'single' ? [] : ['unbalance'])];
    const ofPhases = Object.values(PHASES).flatMap((name) => place.voltages.map((phase) => `${name}/${phase}`));
    for (const path of [...ofAll, ...ofPhases]) device.point(`pq/week/${path}`, { unit: '%', maxAge: MAX_AGE });
    weeks.begin(place, { t: now, onOver: (report) => this.end(report) });
    const [last] = weeks.past;
    if (last !== undefined) device.set({ 'pq/week': last.verdict });
  }

  addFrequency(frequency: number, end: number): void {
    this.weeks.addFrequency(frequency, end);
  }

  addInterval(values: IntervalValues): void {
    this.weeks.addInterval(values);
    if (values.kind === '10-min') this.tell();
  }

  addEvent(event: PowerQualityEvent): void {
    this.weeks.addEvent(event);
  }

  /** % of the running week's values that lie within: of several limits the least. */
  private tell(): void {
    const least = new Map<string, number>();
    for (const limit of this.weeks.now?.limits ?? [])
      if (limit.share !== null) least.set(pathOf(limit), Math.min(least.get(pathOf(limit)) ?? 1, limit.share));
    this.device.set(Object.fromEntries([...least].map(([path, share]) => [path, rounded(share * 100, 2)])));
  }

  private end(report: WeekReport): void {
    const { device, log } = this;
    const { week, start, end, verdict, intervals, events, limits } = report;
    device.set({ 'pq/week': verdict });
    const exceeded = limits.filter((limit) => limit.verdict === 'exceeded').map(nameOf);
    const bytes = Buffer.from(JSON.stringify(report));
    void device
      .event('pq-week', {
        ...{ severity: verdict === 'exceeded' ? 'warning' : 'info', t: end, unique: true },
        text: `Week ${week}: ${WORDS[verdict]}${exceeded.length === 0 ? '' : ` (${exceeded.join(', ')})`}`,
        data: { week, start, end, verdict, exceeded, intervals, events },
        files: [{ name: 'week.json', type: 'application/json', bytes }],
      })
      .catch((error: unknown) => {
        log.warn('the event of a week could not be kept', { error: describeError(error) });
      });
  }
}

function pathOf({ quantity, phase }: LimitReport): string {
  if (quantity === 'frequency' || quantity === 'unbalance') return `pq/week/${quantity}`;
  return `pq/week/${PHASES[quantity]}/${phase}`;
}

function nameOf({ quantity, phase, order, required }: LimitReport): string {
  const place = [quantity, ...(order === null ? [] : [String(order)]), ...(phase === null ? [] : [phase])].join(' ');
  return `${place}, ${required * 100} %`;
}
