import { dirname, resolve } from 'node:path';
import { SmxError, Zone, durationMs, sizeBytes } from '@smx-edge/model';
import type { Config, DoorConfig, InstanceSection } from './config.js';
import { ConfigDocument } from './document.js';
import { hiddenSections } from './hidden.js';
import { limitsOf } from './limits.js';
import { linkFaults, linkSection } from './links.js';
import { mappingOf } from './mapping.js';
import { ocppFaults } from './ocpp-doors.js';
import { sharedFaults } from './shared-sources.js';
import { problemText, type ConfigPath, type Fault, type Problem } from './problem.js';
import { ConfigSchema, type RawConfig, type RawInstance } from './schema.js';
import { expandAll, type Environment } from './secrets.js';
import { validate } from './validate.js';

/** What came of reading a config. `fatal`: the file, `site`, `data` or `http` cannot be used, so no core can run. */
export interface Loaded {
  readonly config: Config | undefined;
  readonly document: ConfigDocument | undefined;
  readonly problems: readonly Problem[];
  readonly fatal: boolean;
}

const ESSENTIAL = new Set<string | number>(['site', 'data', 'http']);

function isFatal(problem: Problem): boolean {
  return problem.path.length === 0 || problem.code === 'SMX_CONFIG_UNREADABLE' || ESSENTIAL.has(problem.path[0]!);
}

export const placed = (document: ConfigDocument, fault: Fault, atKey = false): Problem => ({
  ...fault,
  file: document.file,
  ...(atKey ? document.keyPlace(fault.path) : document.place(fault.path)),
});

const door = (section: RawConfig['http'], folder: string, port: number): DoorConfig => ({
  host: section?.host ?? '127.0.0.1',
  port: section?.port ?? port,
  tls: section?.tls ? { key: resolve(folder, section.tls.key), cert: resolve(folder, section.tls.cert) } : null,
});

function instance(raw: RawInstance): InstanceSection {
  const { memory, points, samples, state } = raw.limits ?? {};
  return {
    use: raw.use,
    config: raw.config ?? {},
    control: raw.control === true || raw.control === 'on',
    ...(raw.allow === undefined ? {} : { allow: raw.allow }),
    ...(raw.limits === undefined
      ? {}
      : {
          limits: {
            ...(memory === undefined ? {} : { memory: sizeBytes(memory) }),
            ...(points === undefined ? {} : { points }),
            ...(samples === undefined ? {} : { samples }),
            ...(state === undefined ? {} : { state: sizeBytes(state) }),
          },
        }),
  };
}

function history(raw: Readonly<Record<string, string>> = {}): Config['history'] {
  const { flush = '10s', budget = '2GiB', raw: samples = '31d', '1m': minutes = '1y', '15m': windows = '10y' } = raw;
  return {
    flush: durationMs(flush),
    budget: sizeBytes(budget),
    raw: durationMs(samples),
    minutes: durationMs(minutes),
    keep: durationMs(windows),
  };
}

function knownZone(name: string): boolean {
  try {
    return new Zone(name).name === name;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Faults no schema can see: time zone, one name space, what is not there yet. */
function beyondSchema(raw: RawConfig, document: ConfigDocument): Problem[] {
  const problems: Problem[] = [];
  if (typeof raw.timezone === 'string' && !knownZone(raw.timezone))
    problems.push(
      placed(document, {
        code: 'SMX_CONFIG_INVALID',
        path: ['timezone'],
        wrong: `"${raw.timezone}" is no known time zone`,
        expected: 'a time zone of the IANA data base like Europe/Rome',
      }),
    );
  const [least, most] = raw.limits?.soc ?? [0, 1];
  if (least >= most)
    problems.push(
      placed(document, {
        code: 'SMX_CONFIG_INVALID',
        path: ['limits', 'soc'],
        wrong: `the window from ${least} to ${most} is none`,
        expected: 'two numbers [min, max] in %, min below max',
      }),
    );
  for (const fault of [...sharedFaults(raw.extensions), ...ocppFaults(raw)]) problems.push(placed(document, fault));
  for (const name of Object.keys(raw.links ?? {})) {
    const path: ConfigPath = ['links', name];
    const twin = raw.extensions?.[name] === undefined ? undefined : document.keyPlace(['extensions', name]);
    if (twin !== undefined)
      problems.push(
        placed(
          document,
          {
            code: 'SMX_ACCESS_NAME_TAKEN',
            path,
            wrong: `the name "${name}" is taken by extensions.${name} at line ${twin.line}`,
            expected: 'another name; users, tokens, links and instances share one name space',
          },
          true,
        ),
      );
    for (const fault of linkFaults(name, raw.links?.[name])) problems.push(placed(document, fault));
  }
  for (const name of ['core', 'local'])
    for (const section of ['extensions', 'links'] as const)
      if (raw[section]?.[name] !== undefined)
        problems.push(
          placed(
            document,
            {
              code: 'SMX_ACCESS_NAME_TAKEN',
              path: [section, name],
              wrong: `the name "${name}" belongs to the box itself`,
              expected: 'another name',
            },
            true,
          ),
        );
  return problems;
}

/** Leaves out what does not fit, so that the rest can run: a section of one instance or link, one limit, or a whole other section. */
function sound(raw: Readonly<Record<string, unknown>>, problems: readonly Problem[]): Partial<RawConfig> {
  const kept = structuredClone(raw) as Record<string, Record<string, unknown> | undefined>;
  for (const { path } of problems) {
    const [section, name] = path;
    if (section === undefined) continue;
    if ((section === 'extensions' || section === 'links') && typeof name === 'string') {
      const entries = kept[section];
      if (typeof entries === 'object') delete entries[name];
    } else if (section === 'limits' && name !== undefined) drop(kept.limits, path.slice(1));
    else delete kept[section];
  }
  return kept;
}

/** Takes one member out of a mapping, however deep; of a list the whole. */
function drop(from: unknown, [key, ...rest]: ConfigPath): void {
  const members = from as Record<string, unknown> | undefined;
  if (members === undefined || typeof key !== 'string') return;
  if (typeof rest[0] === 'string') drop(members[key], rest);
  else delete members[key];
}

/** Reads and checks a config file; everything wrong is in `problems`, nothing is thrown for it. */
export function loadConfig(file: string, env: Environment = process.env): Loaded {
  const path = resolve(file);
  const folder = dirname(path);
  let document: ConfigDocument;
  let raw: unknown;
  try {
    document = ConfigDocument.read(path);
    const syntax = document.syntax();
    if (syntax.length > 0) return { config: undefined, document, problems: syntax, fatal: true };
    raw = document.value();
  } catch (error) {
    if (!(error instanceof SmxError)) throw error;
    const expected = error.code === 'SMX_CONFIG_SYNTAX' ? 'plain YAML' : 'a config file';
    const problem = { code: error.code, file: path, line: 0, col: 0, path: [], wrong: error.message, expected };
    return { config: undefined, document: undefined, problems: [problem], fatal: true };
  }
  const problems: Problem[] = [];
  const failed = (at: (string | number)[], error: SmxError): void => {
    const isSecret = error.code === 'SMX_CONFIG_SECRET';
    const expected = isSecret ? 'a variable that is set where the core starts' : 'the value itself written out';
    problems.push(placed(document, { code: error.code, path: at, wrong: error.message, expected }));
  };
  const value = expandAll(raw, { env, failed });
  problems.push(...validate(ConfigSchema, value, document));
  const fits = sound(mappingOf(value), problems);
  const beyond = beyondSchema(fits as RawConfig, document);
  const good = sound(fits, beyond);
  problems.push(...beyond);
  const fatal = problems.some(isFatal);
  if (fatal) return { config: undefined, document, problems, fatal };
  const brokerWrong = problems.some((problem) => problem.path[0] === 'broker');
  const found = { named: named(value), hidden: hiddenSections(mappingOf(value), problems) };
  const config = resolved(good as RawConfig, { path, folder, env, brokerWrong, ...found });
  return { config, document, problems, fatal };
}

function named(value: unknown): Config['named'] {
  const { extensions, links } = mappingOf(value);
  return [
    ...Object.entries(mappingOf(extensions)).map(([name, section]) => {
      const { use } = mappingOf(section);
      return { kind: 'instance' as const, name, ...(typeof use === 'string' ? { use } : {}) };
    }),
    ...Object.keys(mappingOf(links)).map((name) => ({ kind: 'link' as const, name })),
  ];
}

interface Found extends Pick<Config, 'named' | 'hidden'> {
  readonly path: string;
  readonly folder: string;
  readonly env: Environment;
  readonly brokerWrong: boolean;
}

function resolved(raw: RawConfig, at: Found): Config {
  const { folder } = at;
  const data = resolve(folder, raw.data);
  // a broker section that cannot be used opens no port at all, rather than one the operator did not ask for
  const off = raw.broker === null || at.brokerWrong;
  return {
    file: at.path,
    folder,
    env: at.env,
    site: raw.site,
    timezone: raw.timezone ?? 'UTC',
    data,
    http: door(raw.http, folder, 8080),
    broker: off ? null : door(raw.broker ?? undefined, folder, 1883),
    roles: raw.roles === undefined ? undefined : resolve(folder, raw.roles),
    history: history(raw.history),
    limits: limitsOf(raw.limits),
    packages: resolve(folder, raw.packages ?? resolve(data, 'packages')),
    log: { level: raw.log?.level ?? 'info' },
    instances: new Map(Object.entries(raw.extensions ?? {}).map(([name, section]) => [name, instance(section)])),
    links: new Map(Object.entries(raw.links ?? {}).map(([name, section]) => [name, linkSection(section, folder)])),
    named: at.named,
    hidden: at.hidden,
  };
}

/** All problems as one error, for who needs a whole config. */
export function configError(problems: readonly Problem[]): SmxError {
  const [first] = problems;
  return new SmxError(first?.code ?? 'SMX_CONFIG_INVALID', problems.map(problemText).join('\n'), {
    details: problems.map((problem) => ({ path: problemText(problem), expected: problem.expected })),
  });
}
