import type { PointDefinition } from '@smx-edge/model';
import type { CompiledGrant } from './compiled-grant.js';
import type { Authority } from './role.js';
import type { CommandGrant } from './view.js';

/** Where a grant says nothing: no command holds for ever, and there is room above and below. */
const LEASE = 86_400_000;
const PRIORITY = 50;

/**
 * The command grant that holds at a set-point: of several the one with the highest priority, then the longest lease,
 * then the widest bounds, then the first in the role. Bounds are cut with those of the set-point itself; a grant that
 * leaves no value gives none.
 */
export function commandGrant(
  grants: readonly CompiledGrant[],
  definition: PointDefinition,
  authority: Authority,
): CommandGrant | undefined {
  let best: CommandGrant | undefined;
  for (const { grant } of grants) {
    const [min, max] = grant.between ?? [-Infinity, Infinity];
    const low = Math.max(min, definition.setpoint?.min ?? -Infinity);
    const high = Math.min(max, definition.setpoint?.max ?? Infinity);
    if (low > high) continue;
    const one: CommandGrant = {
      ...(low === -Infinity && high === Infinity ? {} : { between: [low, high] }),
      lease: grant.lease ?? LEASE,
      priority: grant.priority ?? PRIORITY,
      authority,
      interval: grant.interval,
    };
    if (best === undefined || stronger(one, best)) best = one;
  }
  return best;
}

function stronger(a: CommandGrant, b: CommandGrant): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  if (a.lease !== b.lease) return a.lease > b.lease;
  return width(a) > width(b);
}

function width({ between }: CommandGrant): number {
  return between === undefined ? Infinity : between[1] - between[0];
}
