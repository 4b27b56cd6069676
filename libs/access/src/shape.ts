import type { Aggregate, PointDefinition } from '@smx-edge/model';
import type { Conditions } from './role.js';

/** The form in which readings of a point are given. Views whose forms agree share one source of them. */
export interface Shape {
  /** Window length, ms; 0 = raw. */
  readonly every: number;
  readonly as: Aggregate;
  /** ms; 0 = none. */
  readonly delay: number;
  readonly round: number;
  /** Least ms between two changes; 0 = none. */
  readonly interval: number;
}

export const RAW: Shape = { every: 0, as: 'last', delay: 0, round: 0, interval: 0 };

/** Window function of a grant at a point: texts and truth values have no mean. */
export function aggregateFor(conditions: Conditions, definition: PointDefinition): Aggregate {
  if (definition.type !== 'number') return 'last';
  return conditions.as ?? (definition.kind === 'measurement' ? 'mean' : 'last');
}

export function shapeOf(conditions: Conditions, definition: PointDefinition): Shape {
  const { every, delay, interval } = conditions;
  return {
    every,
    as: every === 0 ? 'last' : aggregateFor(conditions, definition),
    delay,
    round: definition.type === 'number' || definition.type === 'numbers' ? conditions.round : 0,
    interval,
  };
}

/**
 * Order of grants on one point from the finest: shorter window (none is the shortest), then shorter delay, then finer
 * rounding, then higher rate; what is equal in all goes by order in the role.
 */
export function finerFirst(a: Conditions, b: Conditions): number {
  return a.every - b.every || a.delay - b.delay || a.round - b.round || a.interval - b.interval;
}
