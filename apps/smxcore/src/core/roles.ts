import { existsSync } from 'node:fs';
import { isPrincipalName, isSmxError, SmxError } from '@smx-edge/model';
import { parseRoles, privacyFindings, type Roles } from '@smx-edge/access';
import { ConfigDocument } from '../config/document.js';
import { pointerSteps } from '../config/pointer.js';
import { placed } from '../config/load.js';
import type { Config, Problem } from '../config/index.js';

export interface LoadedRoles {
  /** Without those that have a fault, and built-in ones alone where the file cannot be used: nobody gets more than they should. */
  readonly roles: Roles;
  /** Whether a role that is not in `roles` may stand in the file, where there is a fault. */
  readonly mayStand: (role: string) => boolean;
  readonly problems: readonly Problem[];
  /** Grants that together undo what one of them holds back; the roles hold as they stand. */
  readonly warnings: readonly Problem[];
}

/** Reads the roles file of a config; each problem at its place in that file, or in the config where the file cannot be read. */
export function loadRoles(
  { roles: file, hidden }: Pick<Config, 'roles' | 'hidden'>,
  config: ConfigDocument,
): LoadedRoles {
  // the config may name a file all the same: what is wrong there is told with the config
  if (file === undefined) return { ...unusable([]), mayStand: () => hidden.has('roles') };
  try {
    if (!existsSync(file)) throw new SmxError('SMX_CONFIG_UNREADABLE', `the roles file ${file} is not there`);
    const document = ConfigDocument.read(file);
    const syntax = document.syntax();
    if (syntax.length > 0) return unusable(syntax);
    return parsed(document);
  } catch (error) {
    if (!isSmxError(error)) throw error;
    const fault = { code: error.code, wrong: error.message, expected: 'a file with `roles:`' };
    return unusable([
      error.code === 'SMX_CONFIG_UNREADABLE'
        ? placed(config, { ...fault, path: ['roles'] })
        : { ...fault, file, line: 0, col: 0, path: [] },
    ]);
  }
}

function unusable(problems: readonly Problem[]): LoadedRoles {
  return { roles: parseRoles({}), mayStand: () => true, problems, warnings: [] };
}

function parsed(document: ConfigDocument): LoadedRoles {
  const raw = document.value();
  try {
    const roles = parseRoles(raw);
    return { roles, mayStand: () => false, problems: [], warnings: warningsOf(roles, document) };
  } catch (error) {
    if (!isSmxError(error)) throw error;
    const problems = error.details.map(({ path, expected }): Problem => {
      const steps = pointerSteps(path, raw);
      const key = expected.startsWith('a known key');
      const place = key ? document.keyPlace(steps) : document.place(steps);
      const wrong = key ? `unknown key "${String(steps.at(-1) ?? '')}"` : 'what stands here does not fit';
      return {
        code: key ? 'SMX_CONFIG_UNKNOWN_KEY' : 'SMX_CONFIG_INVALID',
        file: document.file,
        ...place,
        path: steps,
        wrong,
        expected,
      };
    });
    const { roles: listed } = raw as { readonly roles?: unknown };
    if (typeof listed !== 'object' || listed === null || Array.isArray(listed)) return unusable(problems);
    const broken = new Set(problems.flatMap(({ path: [top, role] }) => (top === 'roles' ? [String(role)] : [])));
    const roles = parseRoles({
      roles: Object.fromEntries(Object.entries(listed).filter(([name]) => !broken.has(name))),
    });
    // a name that is none may be meant as any
    const isUnnamed = [...broken].some((name) => !isPrincipalName(name));
    const mayStand = (role: string): boolean => broken.has(role) || isUnnamed;
    return { roles, mayStand, problems, warnings: warningsOf(roles, document) };
  }
}

function warningsOf(roles: Roles, document: ConfigDocument): Problem[] {
  return [...roles.values()].flatMap((role) =>
    privacyFindings(role).map(({ grant, wrong, expected }): Problem => {
      const path = ['roles', role.name, 'grants', grant];
      return { code: 'SMX_CONFIG_PRIVACY', file: document.file, ...document.place(path), path, wrong, expected };
    }),
  );
}
