import type { Criterion, EventKind, Excluded } from '@smx-edge/protocols/power-quality';
import { rounded } from '../points/quantity.js';
import type { SiteWeek } from './site-week.js';

/** ms of what a value of a limit is made of. */
const LENGTH = { '10-s': 10_000, '10-min': 600_000, '2-hour': 7_200_000 } as const;
type Interval = keyof typeof LENGTH;
/** Share of a week's intervals that must have been measured, so that what they say is the week's. */
const COMPLETE = 0.95;

/** `exceeded` where nothing that may still come can mend it; `incomplete` where too little was measured to say so, and while a week goes on. */
export type Verdict = 'ok' | 'exceeded' | 'incomplete';

/** One limit of EN 50160 in a week. */
export interface LimitReport {
  readonly quantity: Criterion['quantity'];
  /** `l1`, with three wires `l1-l2`; null of what all phases share. */
  readonly phase: string | null;
  /** Of a harmonic, else null. */
  readonly order: number | null;
  /** Hz, V, a share, or Plt: between them lie values that are within. */
  readonly low: number;
  readonly high: number;
  readonly unit: 'Hz' | 'V' | '1';
  readonly interval: Interval;
  /** Share of the values that must be within. */
  readonly required: number;
  /** Share that was; null where nothing counted. */
  readonly share: number | null;
  /** Values that counted, those of them that were within, and those that a whole week has. */
  readonly counted: number;
  readonly within: number;
  readonly expected: number;
  /** Extremes of what counted; null of none. */
  readonly lowest: number | null;
  readonly highest: number | null;
  readonly verdict: Verdict;
}

/** A week after EN 50160, as JSON. */
export interface WeekReport {
  readonly week: string;
  /** ms UTC. */
  readonly start: number;
  readonly end: number;
  readonly isOver: boolean;
  /** V. */
  readonly declared: number;
  readonly verdict: Verdict;
  /** Intervals that a whole week has, those that did not count for an event lies within (IEC 61000-4-30 §4.7), and those of which too little was measured. */
  readonly intervals: Readonly<Record<'10-min' | '2-hour', Readonly<Excluded> & { readonly expected: number }>>;
  /** EN 50160 counts them and limits none. */
  readonly events: Readonly<Record<EventKind, number>>;
  readonly limits: readonly LimitReport[];
}

/** What of a week is known. */
export interface WeekFacts {
  readonly span: SiteWeek;
  readonly isOver: boolean;
  readonly declared: number;
  /** Names of the voltages. */
  readonly voltages: readonly string[];
  readonly criteria: readonly Criterion[];
  readonly excluded: Readonly<Record<'10-min' | '2-hour', Readonly<Excluded>>>;
  readonly events: Readonly<Record<EventKind, number>>;
}

export function reportOf(facts: WeekFacts): WeekReport {
  const { span, isOver, declared, excluded, events } = facts;
  const limits = facts.criteria.map((criterion) => limitOf(criterion, facts));
  return {
    ...{ week: span.name, start: span.start, end: span.end, isOver, declared, verdict: verdictOf(limits) },
    intervals: {
      '10-min': { expected: expected('10-min', span), ...excluded['10-min'] },
      '2-hour': { expected: expected('2-hour', span), ...excluded['2-hour'] },
    },
    events: { ...events },
    limits,
  };
}

function limitOf(criterion: Criterion, { span, isOver, excluded, voltages }: WeekFacts): LimitReport {
  const { quantity, phase, order, required, counted, within } = criterion;
  const interval = quantity === 'frequency' ? '10-s' : quantity === 'flicker' ? '2-hour' : '10-min';
  const whole = expected(interval, span);
  // an interval with an event was measured, though it does not count
  const measured = counted + (interval === '10-s' ? 0 : excluded[interval].flagged);
  const isLost = counted - within > (1 - required) * whole;
  const isComplete = isOver && counted > 0 && measured >= COMPLETE * whole;
  const digits = quantity === 'voltage' ? 2 : 4;
  return {
    ...{ quantity, phase: phase === null ? null : (voltages[phase] ?? String(phase + 1)), order },
    ...{ low: rounded(criterion.low, digits), high: rounded(criterion.high, digits), required, interval },
    unit: quantity === 'frequency' ? 'Hz' : quantity === 'voltage' ? 'V' : '1',
    ...{ share: counted === 0 ? null : within / counted, counted, within, expected: whole },
    lowest: counted === 0 ? null : rounded(criterion.lowest, digits),
    highest: counted === 0 ? null : rounded(criterion.highest, digits),
    verdict: isLost || (isComplete && criterion.isMet === false) ? 'exceeded' : isComplete ? 'ok' : 'incomplete',
  };
}

const expected = (interval: Interval, { start, end }: SiteWeek): number => Math.floor((end - start) / LENGTH[interval]);

function verdictOf(limits: readonly LimitReport[]): Verdict {
  const has = (verdict: Verdict): boolean => limits.some((limit) => limit.verdict === verdict);
  return has('exceeded') ? 'exceeded' : has('incomplete') ? 'incomplete' : 'ok';
}
