import { AREAS, UNCONDITIONAL, type Action, type Role } from './role.js';

const EVERYTHING: readonly Action[] = ['read', 'history', 'command', 'events', 'profiles', 'call'];
const all = (actions: readonly Action[]): Partial<Record<Action, readonly string[]>> =>
  Object.fromEntries(actions.map((action) => [action, ['#']]));

const OWNER: Role = {
  name: 'owner',
  authority: 'owner',
  purpose: 'everything',
  grants: [{ ...UNCONDITIONAL, actions: { ...all(EVERYTHING), manage: ['#'] }, personal: true }],
};

const INSTALLER: Role = {
  name: 'installer',
  authority: 'owner',
  purpose: 'all but users, tokens and ledger',
  grants: [
    {
      ...UNCONDITIONAL,
      actions: { ...all(EVERYTHING), manage: AREAS.filter((area) => !['users', 'tokens', 'ledger'].includes(area)) },
    },
  ],
};

const VIEWER: Role = {
  name: 'viewer',
  authority: 'controller',
  purpose: 'sees what is not personal and changes nothing',
  grants: [{ ...UNCONDITIONAL, actions: all(['read', 'history', 'events', 'profiles']) }],
};

/** Roles every box has, by name (contracts §2). */
export const BUILT_IN_ROLES: ReadonlyMap<string, Role> = new Map(
  [OWNER, INSTALLER, VIEWER].map((role) => [role.name, role]),
);

/** What the manifest of an extension asks for and the operator allowed (contracts §6). */
export interface InstancePermissions {
  readonly read: readonly string[];
  readonly command: readonly string[];
  readonly call?: readonly string[];
}

/** The role an extension instance acts under: what it may read it may also look up in history; a local agent. */
export function roleFromPermissions({ read, command, call = [] }: InstancePermissions): Role {
  const actions: Partial<Record<Action, readonly string[]>> = {
    ...(read.length === 0 ? {} : { read, history: read, events: read }),
    ...(command.length === 0 ? {} : { command }),
    ...(call.length === 0 ? {} : { call }),
  };
  const grants = Object.keys(actions).length === 0 ? [] : [{ ...UNCONDITIONAL, actions }];
  return { name: 'extension', authority: 'agent', grants };
}
