import type { ReadingSet } from './meter-values.js';
import type { Observation } from './observation.js';
import type { OpenSession, Sessions } from './sessions.js';

const REGISTER = 'energy/active/import';

interface Place {
  readonly outlet: number;
  readonly isLate: boolean;
  /** The session that the values belong to. */
  readonly session: OpenSession | undefined;
}

/** Sets of values as observations; with a register of a session comes what was charged in it. */
export function valuesOf(
  sets: readonly ReadingSet[],
  { outlet, isLate, session }: Place,
  sessions: Sessions,
): Observation[] {
  return sets.map(({ readings, context, t }) => {
    const register = readings.find(({ path }) => path === REGISTER)?.value ?? null;
    // as it is now: the set before this one may have given its start
    const running = session && sessions.find(session.transactionId);
    const charged = running && register !== null && !isLate ? sessions.charged(running, register) : undefined;
    const all = charged ? [...readings, charged] : readings;
    return { kind: 'values', outlet, ...(t !== undefined && { t }), context, isLate, readings: all };
  });
}

/** The last register of some sets that has a value, Wh. */
export const registerIn = (sets: readonly ReadingSet[], context?: string): number | undefined =>
  sets
    .filter((set) => context === undefined || set.context === context)
    .flatMap(({ readings }) => readings)
    .findLast(({ path, value }) => path === REGISTER && value !== null)?.value ?? undefined;
