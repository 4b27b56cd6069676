import { AGGREGATES, DURATION_PATTERN, durationMs, durationText, nearest, type Aggregate } from '@smx-edge/model';
import { below, type Issues } from './issues.js';
import { UNCONDITIONAL, type Action, type Conditions, type HoursOfDay, type Moment } from './role.js';
import { HOUR_PATTERN, RATE_PATTERN, TIME_PATTERN } from './roles-schema.js';

const ALWAYS: readonly Action[] = ['read', 'history', 'command', 'events', 'profiles', 'call', 'manage'];
/** Which actions a condition says something about; elsewhere it would be a promise nobody keeps. */
export const CONDITION_ACTIONS: Readonly<Record<string, readonly Action[]>> = {
  every: ['read', 'history'],
  as: ['read', 'history'],
  round: ['read', 'history'],
  delay: ['read', 'history', 'events', 'profiles'],
  'max-rate': ALWAYS,
  between: ['command'],
  lease: ['command'],
  priority: ['command'],
  from: ALWAYS,
  until: ALWAYS,
  'between-hours': ALWAYS,
  purpose: ALWAYS,
};
export const CONDITION_KEYS = Object.keys(CONDITION_ACTIONS);

/** Shortest window: below it a window holds no more than single samples. */
const LEAST_EVERY = 100;
const LONGEST = 10 * 365 * 86_400_000;
const RATE_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
const MINUTE = 60_000;
const DAY = 86_400_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads the conditions of one grant; what is wrong becomes issues. */
export class ConditionParser {
  constructor(
    private readonly raw: Record<string, unknown>,
    private readonly path: string,
    private readonly issues: Issues,
  ) {}

  parse(actions: readonly Action[]): Conditions {
    this.checkActions(actions);
    const found: Mutable<Conditions> = { ...UNCONDITIONAL };
    found.every = this.duration('every', LEAST_EVERY) ?? 0;
    found.delay = this.duration('delay', 1) ?? 0;
    found.round = this.number('round', (n) => n > 0, 'a number above 0') ?? 0;
    const rate = this.rate();
    const as = this.as();
    const lease = this.duration('lease', 1000);
    const priority = this.number('priority', (n) => Number.isInteger(n) && n >= 0 && n <= 100, 'a whole number 0-100');
    const [from, until] = [this.moment('from'), this.moment('until')];
    const hours = this.hours();
    const between = this.between();
    const purpose = this.text('purpose', 'a text');
    if (rate !== null) {
      found.interval = rate.interval;
      found.burst = rate.burst;
    }
    if (as !== null) found.as = as;
    if (lease !== null) found.lease = lease;
    if (priority !== null) found.priority = priority;
    if (from !== null) found.from = from;
    if (until !== null) found.until = until;
    if (hours !== null) found.hours = hours;
    if (between !== null) found.between = between;
    if (purpose !== null) found.purpose = purpose;
    this.checkTogether(found);
    return found;
  }

  private checkActions(actions: readonly Action[]): void {
    if (actions.length === 0) return;
    for (const key of CONDITION_KEYS) {
      const applies = CONDITION_ACTIONS[key] ?? [];
      if (key in this.raw && !applies.some((action) => actions.includes(action)))
        this.fault(key, `no "${key}" here: it is a condition of ${applies.join(', ')}, not of ${actions.join(', ')}`);
    }
  }

  private checkTogether(found: Conditions): void {
    if (found.as !== undefined && found.every === 0 && !('every' in this.raw))
      this.fault('as', '"every" beside it: a window function needs a window');
    const { from, until, hours } = found;
    if (from !== undefined && until !== undefined && from.local === until.local && from.t >= until.t)
      this.fault('until', 'a time after "from"');
    if (hours === undefined) return;
    const length = (hours.to - hours.from + DAY) % DAY || DAY;
    if (found.every > length)
      this.fault('every', `at most ${durationText(length)}: no longer window lies within "between-hours"`);
  }

  /** Notes what is wrong; null = nothing to use. */
  private fault(key: string, expected: string): null {
    this.issues.add(below(this.path, key), expected);
    return null;
  }

  private text(key: string, expected: string): string | null {
    const value = this.raw[key];
    if (value === undefined) return null;
    return typeof value === 'string' ? value : this.fault(key, expected);
  }

  private number(key: string, legal: (n: number) => boolean, expected: string): number | null {
    const value = this.raw[key];
    if (value === undefined) return null;
    return typeof value === 'number' && Number.isFinite(value) && legal(value) ? value : this.fault(key, expected);
  }

  private duration(key: string, least: number): number | null {
    const text = this.text(key, 'a duration such as 500ms, 10s, 15m, 1h or 31d');
    if (text === null) return null;
    if (!new RegExp(DURATION_PATTERN).test(text))
      return this.fault(key, 'a duration such as 500ms, 10s, 15m, 1h or 31d');
    const ms = durationMs(text);
    if (ms >= least && ms <= LONGEST) return ms;
    return this.fault(key, `a duration from ${durationText(least)} to 10y`);
  }

  private rate(): { interval: number; burst: number } | null {
    const expected = 'a rate such as 1/s, 6/m or 4/h';
    const text = this.text('max-rate', expected);
    if (text === null) return null;
    if (!new RegExp(RATE_PATTERN).test(text)) return this.fault('max-rate', expected);
    const [count, unit] = text.split('/');
    const interval = RATE_MS[unit ?? '']! / Number(count);
    if (!Number.isFinite(interval)) return this.fault('max-rate', expected);
    return { interval, burst: Math.max(1, Math.floor(Number(count))) };
  }

  private as(): Aggregate | null {
    const text = this.text('as', `one of ${AGGREGATES.join(', ')}`);
    if (text === null) return null;
    const found = AGGREGATES.find((aggregate) => aggregate === text);
    if (found !== undefined) return found;
    const meant = nearest(text, AGGREGATES);
    return this.fault(
      'as',
      `one of ${AGGREGATES.join(', ')}${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
    );
  }

  private moment(key: 'from' | 'until'): Moment | null {
    const value = this.raw[key];
    if (value === undefined) return null;
    // a YAML reader with time stamps gives a Date
    if (value instanceof Date && !Number.isNaN(value.getTime())) return { t: value.getTime(), local: false };
    const expected = 'a time such as 2027-12-31T23:00:00Z, or without offset in the time zone of the site';
    if (typeof value !== 'string' || !new RegExp(TIME_PATTERN).test(value)) return this.fault(key, expected);
    const day = value.slice(0, 10);
    const rest = value.slice(11);
    const local = !/(Z|[+-]\d{2}:\d{2})$/.test(rest);
    const t = Date.parse(`${day}T${rest === '' ? '00:00' : rest}${local ? 'Z' : ''}`);
    const midnight = Date.parse(`${day}T00:00Z`);
    // Date.parse lets 2027-02-30 through as 2 March
    if (Number.isNaN(t) || Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day)
      return this.fault(key, `${expected}; there is no such day or hour`);
    return { t, local };
  }

  private hours(): HoursOfDay | null {
    const key = 'between-hours';
    const value = this.raw[key];
    if (value === undefined) return null;
    const expected = 'two different hours such as ["06:00", "22:00"], in the time zone of the site';
    if (!Array.isArray(value) || value.length !== 2) return this.fault(key, expected);
    const [from, to] = value.map((hour: unknown) => {
      if (typeof hour !== 'string' || !new RegExp(HOUR_PATTERN).test(hour)) return NaN;
      return (Number(hour.slice(0, 2)) * 60 + Number(hour.slice(3))) * MINUTE;
    });
    if (from === undefined || to === undefined || Number.isNaN(from + to)) return this.fault(key, expected);
    if (from % DAY === to % DAY) return this.fault(key, expected);
    return from === DAY ? { from: 0, to } : { from, to };
  }

  private between(): readonly [number, number] | null {
    const value: unknown = this.raw['between'];
    if (value === undefined) return null;
    const expected = 'two numbers [min, max], min not above max';
    if (!Array.isArray(value) || value.length !== 2) return this.fault('between', expected);
    const [min, max] = value as unknown[];
    if (typeof min !== 'number' || typeof max !== 'number') return this.fault('between', expected);
    if (!Number.isFinite(min) || !Number.isFinite(max) || min > max) return this.fault('between', expected);
    return [min, max];
  }
}
