import { createMongoAbility, subject, type MongoAbility, type RawRuleOf } from '@casl/ability';
import { durationText, hasWildcard, type PointDefinition, type Zone } from '@smx-edge/model';
import type { Action, Grant, Role } from './role.js';
import { Validity } from './validity.js';

/** A path as CASL sees it: `depth` segments `s0`, `s1` …, and what grants ask about it. */
type PathSubject = Record<string, string | number | boolean>;

type Subject = PathSubject | 'Path' | 'Area';
export type RoleAbility = MongoAbility<[string, Subject]>;
type Rule = RawRuleOf<RoleAbility>;

/** CASL takes the action `manage` and the subject `all` for wildcards, so the grant of that name has its own word. */
const administer = 'administer';
const caslAction = (action: Action): string => (action === 'manage' ? administer : action);

/**
 * The readable truth of a role at one instant (ms UTC): a CASL ability with one rule per filter of each grant that
 * holds, whose `reason` says which grant it is. The gate compiles the same grants to point sets.
 */
export function abilityFor(role: Role, now: number, zone: Zone): RoleAbility {
  const rules: Rule[] = [];
  for (const [i, grant] of role.grants.entries()) {
    if (!new Validity(grant, zone).holds(now)) continue;
    for (const [action, filters] of Object.entries(grant.actions) as [Action, readonly string[]][])
      for (const filter of filters) {
        const reason = `grant ${i + 1} of role ${role.name}: ${action} ${filter}${conditionsText(grant)}`;
        rules.push({ ...rule(grant, action, filter), reason });
      }
  }
  return createMongoAbility<RoleAbility>(rules, { anyAction: '*', anySubjectType: '*' });
}

function rule(grant: Grant, action: Action, filter: string): Rule {
  if (action === 'manage')
    return filter === '#'
      ? { action: administer, subject: 'Area' }
      : { action: administer, subject: 'Area', conditions: { s0: filter } };
  const conditions = filterConditions(filter);
  if (hasWildcard(filter) && grant.personal !== true) conditions['personal'] = { $ne: true };
  if (action === 'command') conditions['setpoint'] = true;
  return { action: caslAction(action), subject: 'Path', conditions };
}

/** A topic filter as conditions on segments: `+` asks nothing of its segment, a last `#` only that those before are there. */
function filterConditions(filter: string): Record<string, unknown> {
  const segments = filter.split('/');
  const open = segments.at(-1) === '#';
  if (open) segments.pop();
  const conditions: Record<string, unknown> = { depth: open ? { $gte: segments.length } : segments.length };
  for (const [i, segment] of segments.entries()) if (segment !== '+') conditions[`s${i}`] = segment;
  return conditions;
}

/** A path (point, device, call, profile) as subject of an ability. */
export function pathSubject(path: string, definition?: PointDefinition): PathSubject {
  const segments = path.split('/');
  const fields: PathSubject = {
    depth: segments.length,
    personal: definition?.personal === true,
    setpoint: definition?.setpoint !== undefined,
  };
  for (const [i, segment] of segments.entries()) fields[`s${i}`] = segment;
  return subject('Path', fields);
}

/** Whether `ability` grants `action` on a path; for a point also under one of its aliases. */
export function can(ability: RoleAbility, action: Action, on: string | PointDefinition): boolean {
  return explain(ability, action, on).length > 0;
}

/** Why `action` is granted on a path, an area or a point: one line per grant; none where it is denied. */
export function explain(ability: RoleAbility, action: Action, on: string | PointDefinition): string[] {
  const asked = action === 'manage' ? [areaSubject(typeof on === 'string' ? on : on.path)] : subjectsOf(on);
  const reasons = new Set<string>();
  for (const one of asked)
    for (const found of ability.rulesFor(caslAction(action), action === 'manage' ? 'Area' : 'Path'))
      if (found.matchesConditions(one)) reasons.add(found.reason ?? '');
  return [...reasons];
}

function areaSubject(area: string): PathSubject {
  const fields: PathSubject = { s0: area };
  return subject('Area', fields);
}

function subjectsOf(on: string | PointDefinition): PathSubject[] {
  return typeof on === 'string'
    ? [pathSubject(on)]
    : [on.path, ...(on.aliases ?? [])].map((path) => pathSubject(path, on));
}

function conditionsText(grant: Grant): string {
  const words = [
    grant.every > 0 ? `every ${durationText(grant.every)}` : '',
    grant.as ?? '',
    grant.delay > 0 ? `delayed by ${durationText(grant.delay)}` : '',
    grant.round > 0 ? `in steps of ${grant.round}` : '',
    grant.interval > 0 ? `at most each ${durationText(grant.interval)}` : '',
    grant.between === undefined ? '' : `between ${grant.between.join(' and ')}`,
    grant.lease === undefined ? '' : `for ${durationText(grant.lease)} at most`,
  ].filter((word) => word !== '');
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}
