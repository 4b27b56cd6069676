import * as limits from './en50160-limits.js';
import type { IntervalValues } from './interval.js';
import { settingOf, type PowerQualityOptions, type Setting } from './options.js';

/** One limit and how it was kept. */
export interface Criterion {
  readonly quantity: 'frequency' | 'voltage' | 'flicker' | 'unbalance' | 'distortion' | 'harmonic';
  /** Number of the voltage, from 0; null of frequency and unbalance. */
  readonly phase: number | null;
  /** Order of a harmonic, else null. */
  readonly order: number | null;
  /** Hz, V, or a share; Plt of flicker. */
  readonly low: number;
  readonly high: number;
  /** Share of the values that must lie within. */
  readonly required: number;
  /** Values that counted, and how many of them lay within. */
  readonly counted: number;
  readonly within: number;
  /** The lowest and the highest that counted; NaN of none. */
  readonly lowest: number;
  readonly highest: number;
  /** Null while nothing counted. */
  readonly isMet: boolean | null;
}

type Limit = Pick<Criterion, 'quantity' | 'phase' | 'order' | 'low' | 'high' | 'required'>;

/** An interval counts that is not flagged (IEC 61000-4-30 §4.7), of which at least this much was measured and at most this much lost. */
const LEAST_COVERED = 0.8;
const MOST_LOST = 0.01;
/** Numbers kept of each limit: counted, within, lowest, highest. */
const KEPT = 4;

/** Intervals that did not count. */
export interface Excluded {
  /** An event lies within (IEC 61000-4-30 §4.7). */
  flagged: number;
  /** Too little of it was measured. */
  unmeasured: number;
}
const NONE: Readonly<Excluded> = { flagged: 0, unmeasured: 0 };

/**
 * A week after EN 50160: what of it lay within the limits. `restart` begins the next one; `state` is what a process that is started anew
 * needs to go on.
 */
export class Week {
  readonly excluded: Readonly<Record<'10-min' | '2-hour', Excluded>> = { '10-min': { ...NONE }, '2-hour': { ...NONE } };
  private readonly limits: readonly Limit[];
  private readonly kept: Float64Array;

  constructor(options: PowerQualityOptions) {
    this.limits = limitsOf(settingOf(options));
    this.kept = new Float64Array(this.limits.length * KEPT);
    this.restart();
  }

  restart(): void {
    for (const each of Object.values(this.excluded)) Object.assign(each, NONE);
    for (let k = 0; k < this.kept.length; k += KEPT) this.kept.set([0, 0, Infinity, -Infinity], k);
  }

  /** Hz over 10 s. */
  addFrequency(frequency: number): void {
    for (const [k, { quantity }] of this.limits.entries()) if (quantity === 'frequency') this.count(k, frequency);
  }

  /** An interval of 10 min or 2 h; others are not looked at. */
  addInterval(values: IntervalValues): void {
    if (values.kind === '150-cycle') return;
    const isLong = values.kind === '2-hour';
    const excluded = this.excluded[values.kind];
    // what was not measured may hide events, so it is not called flagged
    if (values.covered < LEAST_COVERED || values.lost > MOST_LOST) {
      excluded.unmeasured++;
      return;
    }
    if (values.isFlagged) {
      excluded.flagged++;
      return;
    }
    for (const [k, limit] of this.limits.entries())
      if (limit.quantity !== 'frequency' && isLong === (limit.quantity === 'flicker'))
        this.count(k, valueFor(limit, values));
  }

  get criteria(): readonly Criterion[] {
    return this.limits.map((limit, k) => {
      const [counted = 0, within = 0, lowest = NaN, highest = NaN] = this.kept.subarray(k * KEPT, (k + 1) * KEPT);
      const isNone = counted === 0;
      return {
        ...limit,
        ...{ counted, within, lowest: isNone ? NaN : lowest, highest: isNone ? NaN : highest },
        isMet: isNone ? null : within / counted >= limit.required,
      };
    });
  }

  /** What is needed to go on, as numbers that JSON can carry. */
  get state(): readonly number[] {
    const excluded = Object.values(this.excluded).flatMap(({ flagged, unmeasured }) => [flagged, unmeasured]);
    return [...excluded, ...this.kept].map((value) =>
      Number.isFinite(value) ? value : Math.sign(value) * Number.MAX_VALUE,
    );
  }

  /** Goes on from a state of a week with the same options; false, and nothing changed, where it is of another one. */
  resume(state: readonly number[]): boolean {
    const excluded = Object.values(this.excluded);
    const first = 2 * excluded.length;
    if (state.length !== this.kept.length + first || !state.every((value) => Number.isFinite(value))) return false;
    for (const [k, each] of excluded.entries())
      Object.assign(each, { flagged: state[2 * k]!, unmeasured: state[2 * k + 1]! });
    this.kept.set(state.slice(first));
    return true;
  }

  private count(k: number, value: number): void {
    if (Number.isNaN(value)) return;
    const { kept } = this;
    const { low, high } = this.limits[k]!;
    const at = k * KEPT;
    kept[at]!++;
    if (value >= low && value <= high) kept[at + 1]!++;
    kept[at + 2] = Math.min(kept[at + 2]!, value);
    kept[at + 3] = Math.max(kept[at + 3]!, value);
  }
}

function valueFor({ quantity, phase, order }: Limit, values: IntervalValues): number {
  if (quantity === 'unbalance') return values.negativeSequence;
  if (quantity === 'flicker') return values.flicker[phase!]!;
  if (quantity === 'voltage') return values.voltage[phase!]!;
  if (quantity === 'distortion') return values.voltageDistortion[phase!]!;
  const harmonics = values.voltageHarmonics[phase!]!;
  return harmonics[order ?? 1]! / harmonics[1]!;
}

function limitsOf({ nominal, declared, phases, orders }: Setting): readonly Limit[] {
  const range = (of: number, [low, high]: readonly [number, number]): Pick<Limit, 'low' | 'high'> => ({
    low: of * low,
    high: of * high,
  });
  const none = { phase: null, order: null };
  const ofPhase = (phase: number): readonly Limit[] => {
    const at = { phase, order: null };
    return [
      { quantity: 'voltage', ...at, ...range(declared, limits.VOLTAGE_MOSTLY), required: limits.MOSTLY },
      { quantity: 'voltage', ...at, ...range(declared, limits.VOLTAGE_ALWAYS), required: limits.ALWAYS },
      { quantity: 'flicker', ...at, low: 0, high: limits.FLICKER, required: limits.MOSTLY },
      { quantity: 'distortion', ...at, low: 0, high: limits.DISTORTION, required: limits.MOSTLY },
      ...[...limits.HARMONICS]
        .filter(([order]) => order <= orders)
        .sort(([a], [b]) => a - b)
        .map(([order, high]) => ({
          quantity: 'harmonic' as const,
          phase,
          order,
          low: 0,
          high,
          required: limits.MOSTLY,
        })),
    ];
  };
  return [
    { quantity: 'frequency', ...none, ...range(nominal, limits.FREQUENCY_MOSTLY), required: limits.FREQUENCY_SHARE },
    { quantity: 'frequency', ...none, ...range(nominal, limits.FREQUENCY_ALWAYS), required: limits.ALWAYS },
    ...Array.from({ length: phases }, (_, phase) => ofPhase(phase)).flat(),
    ...(phases === 3
      ? [{ quantity: 'unbalance' as const, ...none, low: 0, high: limits.UNBALANCE, required: limits.MOSTLY }]
      : []),
  ];
}
