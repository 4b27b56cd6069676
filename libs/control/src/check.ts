import type { CommandGrant, View } from '@smx-edge/access';
import {
  durationText,
  roundTo,
  SmxError,
  type LiveSource,
  type PointDefinition,
  type PointValue,
} from '@smx-edge/model';
import type { CommandRecord } from './record.js';
import type { CommandWish } from './wish.js';

/** An issue time further off is refused (contracts §4), ms. */
const STALE = 60_000;

export interface Circumstances {
  readonly live: Pick<LiveSource, 'handleOf' | 'definition'>;
  /** ms UTC. */
  readonly now: number;
  readonly clock: 'ok' | 'unsure';
  /** Whether `control: on` stands at an instance. */
  readonly controlled: (instance: string) => boolean;
  /** Whether the device of a set-point takes commands now. */
  readonly reachable: (point: string) => boolean;
}

type Checked = Pick<
  CommandRecord,
  'point' | 'value' | 'limit' | 'authority' | 'priority' | 'until' | 'lease' | 'absolute' | 'hb' | 'reason'
>;

/** A set-point, and what a principal may do with it. */
export interface Target {
  readonly definition: PointDefinition;
  readonly grant: CommandGrant;
}

/** The set-point of a path as this principal may command it. Throws SMX_POINT_UNKNOWN, SMX_ACCESS_DENIED, SMX_COMMAND_*. */
export function commandTarget(
  view: Pick<View, 'command' | 'canRead'>,
  path: string,
  { live, controlled, reachable }: Circumstances,
): Target {
  const handle = live.handleOf(path);
  const definition = handle === undefined ? undefined : live.definition(handle);
  const grant = handle === undefined ? undefined : view.command(handle);
  const known = handle !== undefined && definition !== undefined && (grant !== undefined || view.canRead(handle));
  if (!known)
    throw new SmxError('SMX_POINT_UNKNOWN', `there is no set-point ${path}, or none that you may command now`);
  if (definition.setpoint === undefined || definition.kind !== 'setpoint')
    throw new SmxError(
      'SMX_COMMAND_READ_ONLY',
      `${path} is a ${definition.kind}, not a set-point; nothing writes to it`,
    );
  if (grant === undefined) throw new SmxError('SMX_ACCESS_DENIED', `your role grants no command at ${path} now`);
  if (!controlled(definition.instance))
    throw new SmxError(
      'SMX_COMMAND_CONTROL_OFF',
      `commands to ${path} are off: set \`control: on\` under extensions.${definition.instance} and restart the core`,
    );
  if (!reachable(definition.path))
    throw new SmxError('SMX_COMMAND_UNREACHABLE', `the instance ${definition.instance} of ${path} does not run now`);
  return { definition, grant };
}

/** What a wish comes to under a grant. Throws SMX_COMMAND_STALE, _CLOCK, _LEASE, _PRIORITY, _BOUNDS, SMX_POINT_TYPE. */
export function checkedCommand(wish: CommandWish, { definition, grant }: Target, at: Circumstances): Checked {
  const base = issued(wish.t, at);
  const priority = wish.priority ?? grant.priority;
  if (priority > grant.priority)
    throw new SmxError('SMX_COMMAND_PRIORITY', `priority ${priority} is above the ${grant.priority} that is granted`);
  const limit = wish.value === undefined ? checkedLimit(wish, { definition, grant, at }) : undefined;
  return {
    point: definition.path,
    value: wish.value === undefined ? null : checkedValue(wish.value, { definition, grant, at }),
    ...(limit === undefined ? {} : { limit }),
    authority: grant.authority,
    priority,
    ...leaseOf(wish, { grant, base, at }),
    ...(wish.hb === undefined ? {} : { hb: wish.hb }),
    ...(wish.reason === undefined ? {} : { reason: wish.reason }),
  };
}

/** From when a relative lease counts: a message that was long on its way has used up part of it. */
function issued(t: number | undefined, { now }: Circumstances): number {
  if (t === undefined) return now;
  if (Math.abs(t - now) > STALE)
    throw new SmxError(
      'SMX_COMMAND_STALE',
      `it was issued ${Math.abs(Math.round((now - t) / 1000))} s ${t < now ? 'before' : 'after'} the clock of the box (${new Date(now).toISOString()})`,
    );
  return Math.min(t, now);
}

function leaseOf(
  wish: Pick<CommandWish, 'for' | 'until'>,
  { grant, base, at }: { grant: CommandGrant; base: number; at: Circumstances },
): Pick<CommandRecord, 'until' | 'lease' | 'absolute'> {
  const { until } = wish;
  if (until !== undefined && at.clock === 'unsure')
    throw new SmxError('SMX_COMMAND_CLOCK', 'the clock of the box is not set; give `for` instead of `until`');
  const end = until ?? (wish.for === undefined ? undefined : base + wish.for);
  if (end === undefined) throw new SmxError('SMX_COMMAND_LEASE', 'a command needs a lease: `for` or `until`');
  const asked = until === undefined ? wish.for! : until - at.now;
  if (asked > grant.lease)
    throw new SmxError('SMX_COMMAND_LEASE', `a command may hold ${durationText(grant.lease)} at most here`);
  return { until: end, lease: end - at.now, ...(until === undefined ? {} : { absolute: true }) };
}

interface Ground extends Target {
  readonly at: Circumstances;
}

function checkedValue(value: PointValue, ground: Ground): PointValue {
  const { definition, grant } = ground;
  const { type, path, setpoint } = definition;
  const fits =
    type === 'numbers' ? Array.isArray(value) : type === 'time' ? typeof value === 'number' : typeof value === type;
  if (!fits) throw new SmxError('SMX_POINT_TYPE', `${path} takes a ${type}, not ${JSON.stringify(value)}`);
  if (typeof value !== 'number') {
    if (grant.between !== undefined && Array.isArray(value))
      for (const part of value as number[]) bounded(part, ground);
    return value;
  }
  bounded(value, ground);
  return setpoint?.step === undefined ? value : roundTo(value, setpoint.step);
}

function bounded(value: number, { definition, grant }: Ground): void {
  const [min, max] = grant.between ?? [-Infinity, Infinity];
  if (value >= min && value <= max) return;
  const unit = definition.unit === null ? '' : ` ${definition.unit}`;
  throw new SmxError(
    'SMX_COMMAND_BOUNDS',
    `${definition.path} may be set from ${min} to ${max}${unit}, not to ${value}`,
  );
}

function checkedLimit({ min, max }: CommandWish, ground: Ground): NonNullable<CommandRecord['limit']> {
  const { type, path } = ground.definition;
  if (type !== 'number') throw new SmxError('SMX_POINT_TYPE', `${path} is a ${type}; only numbers have limits`);
  for (const bound of [min, max]) if (bound !== undefined) bounded(bound, ground);
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}
