import { AUTHORITIES } from '@smx-edge/access';
import type { PointValue } from '@smx-edge/model';
import { clamp, EVERYTHING, within, type Interval } from './interval.js';
import type { CommandRecord } from './record.js';

/** A command that holds, with its place in the order of arrival. */
export interface Standing {
  readonly record: CommandRecord;
  readonly order: number;
}

/** Place of an authority in the order of contracts §4; 0 is the strongest. */
function rankOf({ authority }: CommandRecord): number {
  return AUTHORITIES.indexOf(authority);
}

/** Sorts the stronger first: by authority, within it by priority, then the newer. */
function strongerFirst(a: Standing, b: Standing): number {
  return rankOf(a.record) - rankOf(b.record) || b.record.priority - a.record.priority || b.order - a.order;
}

export interface Choice<S extends Standing> {
  /** Whose value it is; undefined = the default, bounded. */
  readonly holder: S | undefined;
  readonly value: PointValue;
}

export interface Ground {
  /** What nobody may pass: site, state of charge. */
  readonly hard: Interval;
  /** What bounds even the default: an envelope that somebody set. */
  readonly envelope: Interval;
  readonly default: PointValue;
}

/**
 * What belongs on a set-point now; undefined = nothing but the default. Two set-points compete, the strongest holds;
 * limits compose: those at least as strong as the holder bound it, the stronger limit first, and hard bounds bound all.
 * Only those that `counts` says yes to take part; it is asked of no more than it takes.
 */
export function decide<S extends Standing>(
  standing: Iterable<S>,
  ground: Ground,
  counts: (one: S) => boolean = () => true,
): Choice<S> | undefined {
  const ordered = [...standing].sort(strongerFirst);
  const holder = ordered.find((one) => one.record.limit === undefined && counts(one));
  const limits = ordered.filter((one) => one.record.limit !== undefined && counts(one));
  if (holder !== undefined) {
    const binding = limits.filter(({ record }) => rankOf(record) <= rankOf(holder.record));
    const { value } = holder.record;
    const bounds = composed(within(ground.hard, ground.envelope), binding);
    return { holder, value: typeof value === 'number' ? clamp(value, bounds) : value };
  }
  const fallback = ground.default;
  if (typeof fallback !== 'number') return undefined;
  const value = clamp(fallback, composed(ground.envelope, limits));
  return value === fallback ? undefined : { holder: undefined, value };
}

function composed(hard: Interval, limits: readonly Standing[]): Interval {
  let bounds = within(hard, EVERYTHING);
  for (const { record } of limits)
    bounds = within(bounds, { min: record.limit?.min ?? -Infinity, max: record.limit?.max ?? Infinity });
  return bounds;
}
