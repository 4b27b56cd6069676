import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { describeError, isSmxError, nearest, SmxError } from '@smx-edge/model';
import type { Roles } from '@smx-edge/access';
import type { LinkAccess, LinkOptions } from '@smx-edge/northbound';
import type { Config, LinkSection, Problem } from '../config/index.js';
import type { ConfigDocument } from '../config/document.js';
import { placed } from '../config/load.js';
import type { LoadedRoles } from './roles.js';
import { readSecrets } from './secret-files.js';

export interface PlannedLink {
  readonly options: LinkOptions;
  /** Why there is nothing to serve: its topics are emptied and it ends. */
  readonly over?: SmxError;
  /** Called once they are. */
  readonly done?: () => void;
}

export interface LinkPlan {
  readonly start: readonly PlannedLink[];
  readonly problems: readonly Problem[];
}

const AUTH_SCHEMA = { properties: { password: { format: 'secret' } } };

/** Checks each link against the roles and the files that it names; nothing is connected. */
export function planLinks(
  config: Config,
  document: ConfigDocument,
  { roles, mayStand }: Pick<LoadedRoles, 'roles' | 'mayStand'>,
): LinkPlan {
  const start: PlannedLink[] = [];
  const problems: Problem[] = [];
  for (const [name, section] of config.links) {
    const at = ['links', name] as const;
    const over = roleFault(name, section.role, roles);
    // not over: once the file is repaired it goes on where it was
    if (over !== undefined && mayStand(section.role)) {
      const wrong = `the role "${section.role}" of link "${name}" cannot be used`;
      const expected = 'a roles file without faults';
      problems.push(placed(document, { code: 'SMX_CONFIG_INVALID', path: [...at, 'role'], wrong, expected }));
      continue;
    }
    if (over !== undefined) {
      const expected = `one of ${[...roles.keys()].join(', ')}`;
      problems.push(placed(document, { code: over.code, path: [...at, 'role'], wrong: over.message, expected }));
    }
    try {
      checkAccess(readAccess(section, config.folder), section);
    } catch (error) {
      if (!isSmxError(error)) throw error;
      const path = [...at, error.code === 'SMX_CONFIG_SECRET' ? 'auth' : 'tls'];
      const expected = 'PEM files and secrets that this user may read';
      problems.push(placed(document, { code: error.code, path, wrong: error.message, expected }));
    }
    const options = linkOptions(name, section, config);
    start.push({ options, ...(over === undefined ? {} : { over }) });
  }
  return { start, problems };
}

export function linkOptions(
  name: string,
  section: LinkSection,
  { folder, history }: Pick<Config, 'folder' | 'history'>,
): LinkOptions {
  const { url, role, alias, now, compress, ack, order, batch = history.flush } = section;
  return {
    ...{ name, url, role, now, compress, access: () => readAccess(section, folder) },
    lane: { ack, order, batch },
    ...(alias === undefined ? {} : { alias }),
  };
}

function roleFault(link: string, role: string, roles: Roles): SmxError | undefined {
  if (roles.has(role)) return undefined;
  const meant = nearest(role, roles.keys());
  const hint = meant === undefined ? '' : ` (did you mean "${meant}"?)`;
  return new SmxError('SMX_ACCESS_ROLE_UNKNOWN', `link "${link}" has the role "${role}", which is not there${hint}`);
}

/** What the link shows and trusts, as the files are now. */
function readAccess({ auth, tls }: LinkSection, folder: string): LinkAccess {
  const failed = (_path: unknown, error: SmxError): never => {
    throw error;
  };
  const login = readSecrets(auth, { schema: AUTH_SCHEMA, folder, failed }) as LinkSection['auth'];
  return { ...login, ...Object.fromEntries(Object.entries(tls).map(([what, file]) => [what, readPem(file)])) };
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new SmxError('SMX_CONFIG_INVALID', `the file ${file} cannot be read (${describeError(error)})`, {
      cause: error,
    });
  }
}

function checkAccess({ ca, cert, key }: LinkAccess, { tls }: LinkSection): void {
  if (Object.keys(tls).length === 0) return;
  try {
    createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    });
  } catch (error) {
    throw new SmxError('SMX_CONFIG_INVALID', `certificate, key or CA cannot be used (${describeError(error)})`, {
      cause: error,
    });
  }
}
