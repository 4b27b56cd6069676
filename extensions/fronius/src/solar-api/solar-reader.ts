import { describeError, isSmxError, systemClock, type Clock } from '@smx-edge/model';
import type { WayState } from '../state.js';
import { Absences } from './absences.js';
import { Inventory } from './inventory.js';
import { isOfDevice } from './look-around.js';
import { Pace } from './pace.js';
import type { ApiPart } from './parts/api-part.js';
import { FLOW, Questions, type Question, type Rate } from './questions.js';
import type { SolarApi } from './solar-api.js';

/** What the Solar API told at one moment. */
interface ApiReading {
  readonly parts: readonly ApiPart[];
  /** Time without news after which these values are stale, ms. */
  readonly maxAge: number;
  /** Clock of the device, ms UTC, where it says it. */
  readonly t?: number;
}

export interface SolarReaderOptions {
  readonly api: SolarApi;
  /** ms between questions for powers, and for all that moves slowly. */
  readonly fast: number;
  readonly slow: number;
  readonly clock?: Clock;
  /** Default Math.random. */
  readonly random?: () => number;
  take(reading: ApiReading): void;
}

/** Without these it is not known what there is, or what it does. */
const ESSENTIAL = [FLOW, 'inventory'];
const HOUR = 3_600_000;
const LEAST_AGE = 10_000;
const PERIODS = 3;
/** Devices of one answer; a logger has 100 at most. */
const MOST = 100;
/** Faults of the host after which it may be another one, or have other devices. */
const LOOK_AGAIN = 5;

const NOTHING =
  'it answers, and tells of no inverter, meter or storage: look at the page of the inverter whether they are connected to it; it is asked again';

/** Reads one Solar API at the pace that its host bears: one question at a time, those that are due the longest first. */
export class SolarReader {
  readonly inventory: Inventory;
  private readonly questions: Questions;
  private readonly pace: Pace;
  private readonly absences = new Absences();
  private readonly due = new Map<string, number>();
  private readonly clock: Clock;
  private fault: string | undefined;
  private isAsked = false;
  /** What the host answers that it could not do, by question. */
  private readonly unanswered = new Map<string, string>();
  /** What it answers that is no answer, by question. */
  private readonly broken = new Map<string, string>();
  private faults = 0;
  private isClosed = false;

  constructor(private readonly o: SolarReaderOptions) {
    const clock = (this.clock = o.clock ?? systemClock);
    this.inventory = new Inventory({ now: () => clock.monotonic(), believed: PERIODS * o.slow });
    const { inventory } = this;
    this.questions = new Questions({
      inventory,
      isKnown: () => o.api.version !== undefined,
      ask: (request) => this.ask(request),
    });
    this.pace = new Pace(o.random);
  }

  /** What is wrong with the host and what to do, while it does not tell of its devices. */
  get state(): WayState {
    const { fault, unanswered, broken, isAsked } = this;
    const [essential] = ESSENTIAL.flatMap((key) => unanswered.get(key) ?? broken.get(key) ?? []);
    const wrong = fault ?? essential;
    if (wrong !== undefined) return { state: 'error', text: wrong };
    for (const [key, text] of broken) return { state: 'warning', text: `reading all but ${key}: ${text}` };
    if (!isAsked) return { state: 'busy', text: 'waiting for the inverter' };
    return this.inventory.isEmpty ? { state: 'error', text: NOTHING } : { state: 'ok', text: 'reading' };
  }

  /** Asks what is due. Never rejects. */
  async turn(): Promise<void> {
    for (let next = this.next(); next !== undefined; next = this.next()) if (!(await this.put(next))) return;
  }

  close(): void {
    this.isClosed = true;
    this.o.api.close();
  }

  private next(): Question | undefined {
    const now = this.clock.monotonic();
    if (this.isClosed || !this.pace.mayAsk(now)) return undefined;
    let next: { readonly question: Question; readonly at: number } | undefined;
    for (const question of this.questions.all()) {
      const at = this.due.get(question.key) ?? -Infinity;
      if (at <= now && (next === undefined || at < next.at)) next = { question, at };
    }
    return next?.question;
  }

  /** Whether the host answered. */
  private async put(question: Question): Promise<boolean> {
    const began = this.clock.monotonic();
    try {
      const { parts, t } = await question.ask();
      const maxAge = Math.max(LEAST_AGE, PERIODS * this.interval(question.rate));
      if (parts.length > 0)
        this.o.take({
          parts: this.absences.complete(question.key, parts.slice(0, MOST)),
          maxAge,
          ...(t !== undefined && { t }),
        });
      this.unanswered.delete(question.key);
      this.broken.delete(question.key);
    } catch (error) {
      if (this.isClosed) return false;
      // behind the others, which may well be answered
      this.due.set(question.key, began);
      if (!isOfDevice(error)) return this.failed(question, error);
      this.unanswered.set(question.key, textOf(error));
    }
    // one that tells of nothing, as while it starts, is asked again soon
    const isAnswered = !this.unanswered.has(question.key) && !this.inventory.isEmpty;
    // what was answered may make it more urgent, as the meter of the connection
    const { rate } = this.questions.all().find(({ key }) => key === question.key) ?? question;
    this.due.set(question.key, began + this.interval(isAnswered || rate === 'fast' ? rate : 'slow'));
    this.fault = undefined;
    this.isAsked = true;
    this.faults = 0;
    return true;
  }

  private interval(rate: Rate): number {
    return rate === 'hourly' ? HOUR : this.pace.stretched(rate === 'fast' ? this.o.fast : this.o.slow);
  }

  private async ask(request: Parameters<SolarApi['ask']>[0]): ReturnType<SolarApi['ask']> {
    const began = this.clock.monotonic();
    const body = await this.o.api.ask(request);
    this.pace.good(this.clock.monotonic() - began);
    return body;
  }

  private failed({ key }: Question, error: unknown): false {
    const isOfOne = this.isAsked && isSmxError(error) && error.code === 'SMX_SOLARAPI_BODY';
    if (isOfOne) this.broken.set(key, textOf(error));
    else this.fault = textOf(error);
    this.faults++;
    if (this.o.api.version === undefined || this.faults === LOOK_AGAIN) this.due.delete('inventory');
    this.pace.failed(this.clock.monotonic());
    return false;
  }
}

const textOf = (error: unknown): string => (isSmxError(error) ? error.message : describeError(error));
