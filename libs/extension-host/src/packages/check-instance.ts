import type { ErrorDetail } from '@smx-edge/model';
import { besideFaults } from './beside.js';
import type { InstalledExtension } from './find.js';
import { allowFaults, asksFor } from './manifest.js';
import { schemaDetails, validatorOf } from './schema.js';
import { sourceFaults } from './sources.js';

export interface CheckedInstance {
  /** The config with the schema's defaults filled in; the given one is not touched. */
  readonly config: unknown;
  readonly details: readonly ErrorDetail[];
}

/** Checks a config against its extension's schema, by data alone; details' paths are below the instance's section. */
export function checkedInstance(extension: InstalledExtension, config: unknown, allow?: unknown): CheckedInstance {
  const details: ErrorDetail[] = [];
  if (extension.problem !== undefined) details.push({ path: 'use', expected: extension.problem.message });
  const filled: unknown = structuredClone(config ?? {});
  if (extension.configSchema !== undefined)
    try {
      details.push(...under('config', schemaDetails(validatorOf(extension.configSchema), filled)));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      details.push({ path: 'use', expected: `a usable config schema in ${extension.use}: ${why}` });
    }
  details.push(...under('config', sourceFaults(extension.configSchema, filled)));
  details.push(...under('config', besideFaults(extension.configSchema, filled)));
  const asked = extension.firstParty ? [] : asksFor(extension.manifest.permissions);
  if (allow !== undefined) details.push(...under('allow', allowFaults(allow)));
  else if (asked.length > 0)
    details.push({
      path: 'allow',
      expected: `what it may have; this installed package asks for ${asked.join(', ')} (allow: {} gives nothing)`,
    });
  return { config: filled, details };
}

/** What is wrong with an instance's `config` and `allow`; empty where nothing is. Runs no third-party code. */
export function checkInstance(extension: InstalledExtension, config: unknown, allow?: unknown): ErrorDetail[] {
  return [...checkedInstance(extension, config, allow).details];
}

const under = (root: string, details: readonly ErrorDetail[]): ErrorDetail[] =>
  details.map(({ path, expected }) => ({ path: path === '' ? root : `${root}.${path}`, expected }));
