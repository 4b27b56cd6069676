import { join } from 'node:path';
import { nearest, SmxError } from '@smx-edge/model';
import {
  absoluteSources,
  checkInstance,
  findExtensions,
  type InstalledExtension,
  type InstanceConfig,
} from '@smx-edge/extension-host';
import { problemSection, problemText, type Config, type InstanceSection, type Problem } from '../config/index.js';
import type { ConfigDocument } from '../config/document.js';
import { placed } from '../config/load.js';
import { dottedSteps, valueAt } from '../config/pointer.js';
import { INSTALLATION } from '../version.js';
import { readSecrets } from './secret-files.js';

export interface InstancePlan {
  /** Every named instance, secrets put in; one whose section is broken comes with its problem and is shown failed. */
  readonly start: Readonly<Record<string, InstanceConfig>>;
  readonly problems: readonly Problem[];
}

/** Folders where packages of extensions stand: the first-party ones, then the installed. */
export function extensionFolders(config: Pick<Config, 'packages'>): string[] {
  return [join(INSTALLATION, 'extensions'), config.packages];
}

/** Checks every instance against its extension without running any of its code; `known` is what the schema found. */
export function planInstances(config: Config, document: ConfigDocument, known: readonly Problem[] = []): InstancePlan {
  const installed = findExtensions(extensionFolders(config));
  const start: Record<string, InstanceConfig> = {};
  const problems: Problem[] = [];
  for (const { kind, name, use = '' } of config.named) {
    if (kind !== 'instance') continue;
    const section = config.instances.get(name);
    const planned =
      section === undefined
        ? known.filter((problem) => isProblemOf(problem, name))
        : plan({ name, section, installed, config, document });
    if (!Array.isArray(planned)) {
      start[name] = planned;
      continue;
    }
    if (section !== undefined) problems.push(...planned);
    start[name] = { use, problem: errorOf(planned) };
  }
  return { start, problems };
}

function isProblemOf(problem: Problem, instance: string): boolean {
  const section = problemSection(problem);
  return section === undefined
    ? problem.path[0] === 'extensions'
    : section.kind === 'instance' && section.name === instance;
}

function errorOf(problems: readonly Problem[]): SmxError {
  const code = problems[0]?.code ?? 'SMX_CONFIG_INVALID';
  return new SmxError(code, `${problems.map(problemText).join('; ')}; repair the config and restart the core`);
}

interface Job {
  readonly name: string;
  readonly section: InstanceSection;
  readonly installed: readonly InstalledExtension[];
  readonly config: Config;
  readonly document: ConfigDocument;
}

function plan({ name, section, installed, config, document }: Job): InstanceConfig | Problem[] {
  const at = ['extensions', name] as const;
  const extension = installed.find((other) => other.use === section.use);
  if (extension === undefined) {
    const names = installed.map((other) => other.use);
    const meant = nearest(section.use, names);
    const wrong = `no extension "${section.use}" is installed${meant === undefined ? '' : ` (did you mean "${meant}"?)`}`;
    const expected = names.length === 0 ? 'an installed extension' : `one of ${names.join(', ')}`;
    return [placed(document, { code: 'SMX_EXTENSION_UNKNOWN', path: [...at, 'use'], wrong, expected })];
  }
  const problems: Problem[] = [];
  const failed = (path: (string | number)[], error: SmxError): void => {
    const fault = {
      code: error.code,
      path: [...at, 'config', ...path],
      wrong: error.message,
      expected: 'a file that this user may read',
    };
    problems.push(placed(document, fault));
  };
  const { configSchema: schema } = extension;
  const { folder } = config;
  const read = readSecrets(section.config, { schema, folder, failed });
  if (problems.length > 0) return problems;
  const settings = absoluteSources(schema, { config: read, folder });
  for (const { path, expected } of checkInstance(extension, settings, section.allow)) {
    const given = { ...section, config: settings };
    const steps = dottedSteps(path, given);
    const wrong = valueAt(given, steps) === undefined ? 'this is missing' : 'this does not fit';
    problems.push(placed(document, { code: 'SMX_EXTENSION_CONFIG', path: [...at, ...steps], wrong, expected }));
  }
  if (problems.length > 0) return problems;
  return {
    use: section.use,
    config: settings,
    control: section.control,
    ...(section.allow === undefined ? {} : { allow: section.allow }),
    ...(section.limits === undefined ? {} : { limits: section.limits }),
  };
}
