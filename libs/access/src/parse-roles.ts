import { filterFault, isPrincipalName, nearest } from '@smx-edge/model';
import { BUILT_IN_ROLES } from './built-in-roles.js';
import { below, isRecord, Issues } from './issues.js';
import { CONDITION_KEYS, ConditionParser } from './parse-conditions.js';
import { ACTIONS, AREAS, AUTHORITIES, type Action, type Authority, type Grant, type Role, type Roles } from './role.js';
import { topicFault } from './topics.js';

const GRANT_KEYS = [...ACTIONS, ...CONDITION_KEYS];
const ROLE_KEYS = ['purpose', 'authority', 'grants', 'mqtt'];
const AREA_WORDS = [...AREAS, '#'];

/**
 * Roles of a parsed roles file (contracts §2) with the built-in ones; an empty document gives those alone.
 * Throws SMX_CONFIG_INVALID, or SMX_CONFIG_UNKNOWN_KEY where only keys are wrong, with every problem as
 * `{path: JSON pointer, expected}`.
 */
export function parseRoles(raw: unknown): Roles {
  const issues = new Issues();
  const roles = new Map<string, Role>(BUILT_IN_ROLES);
  const document = raw === undefined || raw === null ? {} : issues.object(raw, '', ['roles']);
  const listed = document?.['roles'] ?? {};
  if (isRecord(listed)) {
    for (const [name, value] of Object.entries(listed)) {
      const path = below('/roles', name);
      if (BUILT_IN_ROLES.has(name)) issues.add(path, `another name: "${name}" is built in`);
      else if (!isPrincipalName(name))
        issues.add(path, 'a name of lower case letters, digits and -, at most 31 characters');
      else roles.set(name, parseRole({ name, value, path, issues }));
    }
  } else issues.add('/roles', 'an object of roles by name');
  issues.raise('roles');
  return roles;
}

function parseRole({
  name,
  value,
  path,
  issues,
}: {
  name: string;
  value: unknown;
  path: string;
  issues: Issues;
}): Role {
  // `name:` alone in YAML is null: a role without grants
  const raw = issues.object(value ?? {}, path, ROLE_KEYS) ?? {};
  const { purpose, grants, mqtt } = raw;
  if (purpose !== undefined && typeof purpose !== 'string') issues.add(below(path, 'purpose'), 'a text');
  const listed = grants ?? [];
  if (!Array.isArray(listed)) issues.add(below(path, 'grants'), 'a list of grants');
  return {
    name,
    authority: parseAuthority(raw['authority'], below(path, 'authority'), issues),
    ...(typeof purpose === 'string' ? { purpose } : {}),
    grants: Array.isArray(listed)
      ? listed.map((grant: unknown, i) => parseGrant(grant, below(below(path, 'grants'), i), issues))
      : [],
    ...(mqtt === undefined ? {} : { mqtt: parseMqtt(mqtt, below(path, 'mqtt'), issues) }),
  };
}

function parseAuthority(value: unknown, path: string, issues: Issues): Authority {
  if (value === undefined) return 'controller';
  const found = AUTHORITIES.find((authority) => authority === value);
  if (found !== undefined) return found;
  issues.add(path, `one of ${AUTHORITIES.join(', ')}`);
  return 'controller';
}

function parseGrant(value: unknown, path: string, issues: Issues): Grant {
  const raw = issues.object(value, path, GRANT_KEYS) ?? {};
  const actions: Partial<Record<Action, readonly string[]>> = {};
  const given = ACTIONS.filter((action) => raw[action] !== undefined);
  if (given.length === 0 && isRecord(value)) issues.add(path, `at least one of ${ACTIONS.join(', ')}`);
  for (const action of given)
    actions[action] = parseFilters(raw[action], below(path, action), { issues, fault: FAULTS[action] });
  return { ...new ConditionParser(raw, path, issues).parse(given), actions };
}

type Fault = (filter: string) => string | undefined;

const expecting =
  (fault: Fault): Fault =>
  (filter) => {
    const wrong = fault(filter);
    return wrong === undefined ? undefined : `a topic filter, but ${wrong}`;
  };
const topics = expecting(topicFault);
const points = expecting(filterFault);

const FAULTS: Readonly<Record<Action, Fault>> = {
  read: points,
  history: points,
  command: points,
  events: points,
  profiles: topics,
  call: topics,
  manage: areaFault,
};

function areaFault(area: string): string | undefined {
  if (AREA_WORDS.includes(area)) return undefined;
  const meant = nearest(area, AREA_WORDS);
  return `one of ${AREA_WORDS.join(', ')}${meant === undefined ? '' : `; did you mean "${meant}"?`}`;
}

function parseFilters(value: unknown, path: string, { issues, fault }: { issues: Issues; fault: Fault }): string[] {
  if (!Array.isArray(value) || value.length === 0) {
    issues.add(path, 'a list with at least one entry, such as ["pcc/#"]');
    return [];
  }
  const found: string[] = [];
  for (const [i, filter] of (value as unknown[]).entries()) {
    const wrong = typeof filter === 'string' ? fault(filter) : 'a text';
    if (wrong === undefined) found.push(filter as string);
    else issues.add(below(path, i), wrong);
  }
  return found;
}

function parseMqtt(value: unknown, path: string, issues: Issues): NonNullable<Role['mqtt']> {
  const raw = issues.object(value, path, ['publish', 'subscribe']) ?? {};
  const filters = (key: string): string[] =>
    raw[key] === undefined ? [] : parseFilters(raw[key], below(path, key), { issues, fault: topics });
  return { publish: filters('publish'), subscribe: filters('subscribe') };
}
