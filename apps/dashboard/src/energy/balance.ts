import { currentNumber, type Reading } from '../state/reading.js';
import { PART_KINDS, type Part, type PartKind } from './parts.js';

/** All parts of one kind together, now. */
export interface Flow {
  readonly kind: PartKind;
  /** Load convention: positive = taken from the grid, charged, used. Undefined where any part of it has no current value. */
  readonly watts: number | undefined;
  readonly isUncertain: boolean;
  /** Where it is not known: the time of the newest value there was, ms UTC; 0 = none. */
  readonly last: number;
  /** %, where it has one store. */
  readonly soc: number | undefined;
  /** Window in which its power is given. */
  readonly every: string | undefined;
}

export interface Balance {
  readonly flows: readonly Flow[];
  /** What is left for the house itself, W; negative where it gives. */
  readonly house: number | undefined;
  /** Why it is not known: the kind without a value, or parts of different windows. */
  readonly unknown?: PartKind | 'forms';
}

/** What flows in the house. Nothing that is missing or stale counts as 0: it makes the house unknown. */
export function balanceOf(parts: readonly Part[], read: (path: string) => Reading | undefined): Balance {
  const flows = PART_KINDS.flatMap((kind) => {
    const own = parts.filter((part) => part.kind === kind);
    return own.length === 0 ? [] : [flowOf(kind, own, read)];
  });
  const grid = flows.find(({ kind }) => kind === 'grid');
  if (grid === undefined) return { flows, house: undefined, unknown: 'grid' };
  const missing = flows.find(({ watts }) => watts === undefined);
  if (missing !== undefined) return { flows, house: undefined, unknown: missing.kind };
  if (new Set(parts.map(({ every }) => every)).size > 1) return { flows, house: undefined, unknown: 'forms' };
  const others = flows.filter((flow) => flow !== grid).reduce((sum, { watts }) => sum + watts!, 0);
  return { flows, house: grid.watts! - others };
}

function flowOf(kind: PartKind, parts: readonly Part[], read: (path: string) => Reading | undefined): Flow {
  const terms = parts.flatMap(({ power }) => power.map(({ path, sign }) => ({ sign, reading: read(path) })));
  let watts: number | undefined = 0;
  for (const { sign, reading } of terms) {
    const number = currentNumber(reading);
    watts = watts === undefined || number === undefined ? undefined : watts + sign * number;
  }
  const soc = parts.length === 1 && parts[0]!.soc !== undefined ? currentNumber(read(parts[0]!.soc)) : undefined;
  return {
    kind,
    watts,
    isUncertain: terms.some(({ reading }) => reading?.q === 'uncertain'),
    last: Math.max(0, ...terms.map(({ reading }) => reading?.t ?? 0)),
    soc,
    every: parts[0]?.every,
  };
}
