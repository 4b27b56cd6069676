export type Verdict = 'ok' | 'exceeded' | 'incomplete';

/** One limit of EN 50160 in a week, as the call `week` tells it. */
export interface Limit {
  readonly quantity: 'frequency' | 'voltage' | 'flicker' | 'unbalance' | 'distortion' | 'harmonic';
  /** Null of what all phases share. */
  readonly phase: string | null;
  readonly order: number | null;
  /** Values between them are within. */
  readonly low: number;
  readonly high: number;
  readonly unit: 'Hz' | 'V' | '1';
  /** Share of the values that must be within, and that was; null where nothing counted. */
  readonly required: number;
  readonly share: number | null;
  readonly counted: number;
  readonly expected: number;
  readonly lowest: number | null;
  readonly highest: number | null;
  readonly verdict: Verdict;
}

export interface WeekReport {
  /** Like 2026-W48. */
  readonly week: string;
  /** ms UTC. */
  readonly start: number;
  readonly end: number;
  readonly isOver: boolean;
  readonly verdict: Verdict;
  readonly intervals: {
    readonly '10-min': { readonly expected: number; readonly flagged: number; readonly unmeasured: number };
  };
  readonly limits: readonly Limit[];
}

/** Answer of the call `week`. */
export interface Weeks {
  /** Null while no meter is there. */
  readonly running: WeekReport | null;
  /** Newest first. */
  readonly past: readonly WeekReport[];
}

const WORST: readonly Verdict[] = ['exceeded', 'incomplete', 'ok'];

/** Less is worse; what nothing is known of says least. */
const spare = ({ share, required }: Limit): number => (share === null ? 1 : share - required);

function isWorse(one: Limit, other: Limit): boolean {
  const [a, b] = [WORST.indexOf(one.verdict), WORST.indexOf(other.verdict)];
  return a === b ? spare(one) < spare(other) : a < b;
}

/** Of each kind of limit the one that was kept worst, whichever phase and order it is of. */
export function worstOf(limits: readonly Limit[]): Limit[] {
  const found = new Map<string, Limit>();
  for (const limit of limits) {
    const { quantity, required } = limit;
    const known = found.get(`${quantity} ${required}`);
    if (known === undefined || isWorse(limit, known)) found.set(`${quantity} ${required}`, limit);
  }
  return [...found.values()];
}

/** Intervals of 10 min that counted in the limit of which most did. */
export function countedOf(limits: readonly Limit[]): number {
  return Math.max(0, ...limits.filter(({ quantity }) => quantity === 'voltage').map(({ counted }) => counted));
}
