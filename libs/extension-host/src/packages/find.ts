import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { API_VERSION } from '@smx-edge/extension-api/wire';
import { SmxError, type ErrorDetail } from '@smx-edge/model';
import { rangeAdmits } from './api-range.js';
import { manifestFaults, type Manifest } from './manifest.js';

/** A package with an `smx` section, usable or not. None of its code was run. */
export interface InstalledExtension {
  /** What `use:` names: the package name, without the house's own scope. */
  readonly use: string;
  readonly packageName: string;
  readonly version: string;
  readonly folder: string;
  /** File of its code, absolute. */
  readonly main: string;
  readonly title: string;
  readonly firstParty: boolean;
  readonly manifest: Manifest;
  /** The schema of its config, as read; undefined where it names none. */
  readonly configSchema: object | undefined;
  /** Why it cannot be used. */
  readonly problem: SmxError | undefined;
}

const OWN_SCOPE = '@smx-edge/';
const NO_MANIFEST: Manifest = { api: '', title: '' };

/** Where the house's own extensions live: beside this package, in a checkout as in an image. */
export function firstPartyFolder(): string {
  return resolve(__dirname, '../../../../extensions');
}

function packageFolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() && !entry.isSymbolicLink()) continue;
    const path = join(folder, entry.name);
    if (entry.name === 'node_modules' || entry.name.startsWith('@')) found.push(...packageFolders(path));
    else if (!entry.name.startsWith('.') && existsSync(join(path, 'package.json'))) found.push(path);
  }
  return found;
}

/** A folder may be a package itself: that is how its author runs it. */
const ownPackage = (folder: string): string[] => (existsSync(join(folder, 'package.json')) ? [folder] : []);

/**
 * Every extension in `folders` (and in their `node_modules`), or that such a folder is; of two with one name the one of
 * the earlier folder holds.
 * Packages below `firstParty` are the house's own: they get what their manifest asks. Runs no third-party code.
 */
export function findExtensions(folders: readonly string[], firstParty = firstPartyFolder()): InstalledExtension[] {
  const found = new Map<string, InstalledExtension>();
  for (const folder of folders)
    for (const path of [...ownPackage(folder), ...packageFolders(folder)]) {
      const extension = readPackage(realpathSync(path), firstParty);
      if (extension !== undefined && !found.has(extension.use)) found.set(extension.use, extension);
    }
  return [...found.values()];
}

const inside = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`);
};

function readPackage(folder: string, firstParty: string): InstalledExtension | undefined {
  const base = {
    folder,
    use: relative(join(folder, '..'), folder),
    packageName: '',
    version: '',
    main: join(folder, 'index.js'),
    title: '',
    firstParty: existsSync(firstParty) && inside(realpathSync(firstParty), folder),
    manifest: NO_MANIFEST,
    configSchema: undefined,
  };
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch (cause) {
    return { ...base, problem: manifestError(folder, { text: 'its package.json is not readable JSON', cause }) };
  }
  if (typeof raw !== 'object' || raw === null || !('smx' in raw)) return undefined;
  const { name, version, main, smx } = raw as { name?: unknown; version?: unknown; main?: unknown; smx: unknown };
  const packageName = typeof name === 'string' ? name : base.use;
  const known = {
    ...base,
    packageName,
    use: packageName.startsWith(OWN_SCOPE) ? packageName.slice(OWN_SCOPE.length) : packageName,
    version: typeof version === 'string' ? version : '',
    main: resolve(folder, typeof main === 'string' ? main : 'index.js'),
    title: packageName,
  };
  const details = manifestFaults(smx);
  if (details.length > 0)
    return {
      ...known,
      problem: manifestError(known.use, { text: 'its smx section is not as the contract says', details }),
    };
  const manifest = smx as Manifest;
  return { ...known, manifest, title: manifest.title, ...readSchema(known, manifest) };
}

function readSchema(
  { use, folder, main }: { use: string; folder: string; main: string },
  manifest: Manifest,
): Pick<InstalledExtension, 'configSchema' | 'problem'> {
  const admitted = rangeAdmits(manifest.api, API_VERSION);
  if (admitted !== true) {
    const expected = admitted === undefined ? 'a range like ^1.0' : `a range that holds ${API_VERSION}`;
    const message = `Extension ${use} asks for extension API ${manifest.api}, this box has ${API_VERSION}`;
    return {
      configSchema: undefined,
      problem: new SmxError('SMX_EXTENSION_API', message, { details: [{ path: 'api', expected }] }),
    };
  }
  if (!inside(folder, main))
    return { configSchema: undefined, problem: manifestError(use, { text: 'its main lies outside the package' }) };
  if (manifest.config === undefined) return { configSchema: undefined, problem: undefined };
  const file = resolve(folder, manifest.config);
  try {
    if (!inside(folder, file))
      return {
        configSchema: undefined,
        problem: manifestError(use, { text: 'its config schema lies outside the package' }),
      };
    const schema: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof schema === 'object' && schema !== null) return { configSchema: schema, problem: undefined };
  } catch (cause) {
    return {
      configSchema: undefined,
      problem: manifestError(use, { text: `its config schema ${manifest.config} is not readable JSON`, cause }),
    };
  }
  return {
    configSchema: undefined,
    problem: manifestError(use, { text: `its config schema ${manifest.config} is not an object` }),
  };
}

function manifestError(use: string, o: { text: string; cause?: unknown; details?: readonly ErrorDetail[] }): SmxError {
  const places = (o.details ?? []).map(({ path, expected }) => `${path}: ${expected}`).join('; ');
  return new SmxError('SMX_EXTENSION_MANIFEST', `Extension ${use}: ${o.text}${places === '' ? '' : ` (${places})`}`, {
    cause: o.cause,
    ...(o.details === undefined ? {} : { details: o.details }),
  });
}
