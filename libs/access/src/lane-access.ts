import type { LaneForm, LiveSource, PointDefinition, Zone } from '@smx-edge/model';
import { GrantIndex, READ } from './compiled-grant.js';
import type { Plan } from './plan.js';
import type { Role } from './role.js';
import { Validity } from './validity.js';

/** A point in the form in which its finest read grant gives it to a stream; undefined where none does. */
export function laneForm(plan: Plan, handle: number, definition: PointDefinition): LaneForm | undefined {
  const [compiled] = plan.grants(definition, READ);
  if (compiled === undefined) return undefined;
  const { every, as, delay, round, interval } = compiled.shapeFor(definition);
  return {
    ...{ handle, maxAge: definition.maxAge, every, as, delay, round, interval, ...compiled.validity.bounds },
    ...(definition.type === 'boolean' ? { isBoolean: true as const } : {}),
  };
}

/** Whether a read grant reaches the point that does not hold now but will by itself. */
export function resumes(role: Role, point: { handle: number; live: LiveSource; zone: Zone; now: number }): boolean {
  const { handle, live, zone, now } = point;
  const definition = live.definition(handle) ?? live.former(handle);
  if (definition === undefined) return false;
  return role.grants.some((grant) => {
    const validity = new Validity(grant, zone);
    const edge = validity.nextEdge(now);
    if (validity.holds(now) || edge === Infinity) return false;
    const then = new GrantIndex({ ...role, grants: [grant] }, edge, zone);
    return then.reaching(definition).some(({ bits }) => (bits & READ) !== 0);
  });
}

/**
 * Whether who is given a point as `now` says may also have it as `before` said: a window that its own windows fill, no
 * younger, no finer and no more often. When the grants hold is another question (`laneGives`).
 */
export function coversForm(now: LaneForm, before: LaneForm): boolean {
  const isOfWindows = before.every > 0 && before.every % now.every === 0 && before.as === now.as;
  if (now.every > 0 && !isOfWindows) return false;
  if (now.round > 0 && !(before.round > 0 && before.round % now.round === 0)) return false;
  return now.delay <= before.delay && now.interval <= Math.max(before.interval, before.every);
}

/** Whether rows of a point in this form are given, by their time (a window's end). */
export function laneGives(form: LaneForm, zone: Zone): (t: number) => boolean {
  const { from, until, hours, every, delay, round, interval } = form;
  if (from === undefined && until === undefined && hours === undefined) return () => true;
  const validity = new Validity(
    {
      ...{ every, delay, round, interval },
      ...(from === undefined ? {} : { from: { t: from, local: false } }),
      ...(until === undefined ? {} : { until: { t: until, local: false } }),
      ...(hours === undefined ? {} : { hours: { from: hours[0], to: hours[1] } }),
    },
    zone,
  );
  return (t) => validity.gives(t, every);
}
