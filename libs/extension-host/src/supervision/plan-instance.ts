import { SmxError } from '@smx-edge/model';
import { checkedInstance } from '../packages/check-instance.js';
import type { InstalledExtension } from '../packages/find.js';
import { grantPermissions, type GrantedPermissions } from '../packages/manifest.js';
import { masker, secretsOf } from '../packages/secrets.js';
import { filesOfSources } from '../packages/sources.js';
import { limitsOf, type Limits } from '../process/limits.js';
import type { Launch } from '../process/instance-process.js';
import { plainLaunch, sandboxedLaunch, type Isolation } from '../process/sandbox.js';
import type { InstanceConfig } from './instance-config.js';

/** Everything a run of an instance needs, checked. */
export interface InstancePlan {
  readonly extension: InstalledExtension;
  readonly config: unknown;
  readonly permissions: GrantedPermissions;
  readonly limits: Limits;
  readonly launch: Launch;
  readonly isolated: boolean;
  readonly mask: (text: string) => string;
}

export interface PlanOptions {
  readonly extensions: ReadonlyMap<string, InstalledExtension>;
  /** Asked only once an installed package is to run. */
  isolation(): Isolation;
  readonly runDir: string;
  /** Bundle of the child's main. */
  readonly child: string;
}

/** Checks an instance and lays out its run. Throws SMX_EXTENSION_UNKNOWN, _MANIFEST, _API, _CONFIG or SMX_CONFIG_INVALID. */
export function planInstance(id: string, instance: InstanceConfig, o: PlanOptions): InstancePlan {
  if (instance.problem !== undefined) throw instance.problem;
  const extension = o.extensions.get(instance.use);
  if (extension === undefined)
    throw new SmxError(
      'SMX_EXTENSION_UNKNOWN',
      `No extension "${instance.use}" is installed; \`smx extensions\` lists them`,
    );
  if (extension.problem !== undefined) throw extension.problem;
  const { config, details } = checkedInstance(extension, instance.config, instance.allow);
  const [first] = details;
  if (first !== undefined)
    throw new SmxError(
      'SMX_EXTENSION_CONFIG',
      `extensions.${id}.${first.path}: ${first.expected}${details.length > 1 ? ` (and ${details.length - 1} more)` : ''}`,
      { details: details.map(({ path, expected }) => ({ path: `extensions.${id}.${path}`, expected })) },
    );
  // nothing is allowed to an installed package that the operator did not repeat
  const allow = extension.firstParty ? undefined : (instance.allow ?? {});
  const permissions = grantPermissions(extension.manifest.permissions ?? {}, allow);
  const limits = limitsOf(instance.limits);
  const plan = {
    child: o.child,
    folder: extension.folder,
    runDir: o.runDir,
    permissions,
    memory: limits.memory,
    sources: filesOfSources(extension.configSchema, config),
  };
  const { launch, isolated } = extension.firstParty
    ? { launch: plainLaunch(plan), isolated: false }
    : sandboxedLaunch(plan, o.isolation());
  return {
    extension,
    config,
    permissions,
    limits,
    launch,
    isolated,
    mask: masker(secretsOf(extension.configSchema, config)),
  };
}
