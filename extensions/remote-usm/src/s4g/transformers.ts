import type { Unit } from '@smx-edge/model';
import type { ObisReading } from '@smx-edge/protocols/obis-json';

/** What a register means before the current transformers, and why that is in doubt. */
export interface Primary {
  readonly value: number;
  readonly doubt?: string;
}

/** Units that go through current transformers, by the power of ten in which an SMXCore writes them before those. */
const WRITTEN: Partial<Record<Unit, number>> = { A: 1, W: 1000, var: 1000, VA: 1000 };
const COUNTED: ReadonlySet<Unit | null> = new Set<Unit>(['Wh', 'varh', 'VAh']);
const UNKNOWN = 'behind current transformers: set `ratio`, 1 where the meter counts before them';

/**
 * The value of a register before the transformers: as the gateway gives it where it does, else by `ratio`. `isBehind`: the gateway
 * gives others of them before transformers, so that there are some.
 */
export function primaryOf(
  { value, before }: ObisReading,
  unit: Unit | null,
  { ratio, isBehind }: { readonly ratio: number | undefined; readonly isBehind: boolean },
): Primary {
  const written = unit === null ? undefined : WRITTEN[unit];
  if (written === undefined && !COUNTED.has(unit)) return { value };
  if (written !== undefined && before !== undefined && ratio !== 1) return { value: decimal(before * written) };
  if (ratio !== undefined) return { value: decimal(value * ratio) };
  return isBehind ? { value, doubt: UNKNOWN } : { value };
}

/** Both parts are decimals; 12 digits bring the product back to one. */
const decimal = (value: number): number => Number(value.toPrecision(12));
