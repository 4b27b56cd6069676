import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { API_VERSION } from '@smx-edge/extension-api/wire';
import { SmxError } from '@smx-edge/model';
import { INSTALLATION } from '../version.js';

const TEMPLATE = join(INSTALLATION, 'apps/smxcore/templates/extension');
const SUFFIX = '.tmpl';
const NAME = /^[a-z0-9][a-z0-9-]{0,30}$/;
/** Links into the platform's own node_modules: types, runtime and compiler without a network. */
const LINKED = ['@smx-edge/extension-api', '@smx-edge/model', '@types/node', 'typescript'];

/** Makes a package of an extension that builds and passes its test; gives its files, relative to its folder. */
export function scaffold(name: string, parent: string): { readonly folder: string; readonly files: readonly string[] } {
  if (!NAME.test(name))
    throw new SmxError(
      'SMX_CONFIG_INVALID',
      `"${name}" is no name of an extension: 1 to 31 of a-z, 0-9 and -, a letter or digit first`,
    );
  const folder = resolve(parent, name);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new SmxError('SMX_CONFIG_INVALID', `${folder} is there already and not empty; take another name or --dir`);
  const words: Readonly<Record<string, string>> = {
    name,
    api: API_VERSION,
  };
  const files: string[] = [];
  for (const entry of readdirSync(TEMPLATE, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!entry.endsWith(SUFFIX)) continue;
    // npm never packs a file of this name, so it stands under another in the template
    const file = entry.slice(0, -SUFFIX.length).replace(/^gitignore$/, '.gitignore');
    const text = readFileSync(join(TEMPLATE, entry), 'utf8').replace(
      /\{\{(\w+)\}\}/g,
      (_all, word: string) => words[word]!,
    );
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
    files.push(file);
  }
  linkPlatform(folder);
  return { folder, files };
}

/** Links what a package builds and tests with into its node_modules, and the command, so that `npx smx` is it there too. */
export function linkPlatform(folder: string): void {
  for (const name of LINKED) {
    const target = join(INSTALLATION, 'node_modules', name);
    if (!existsSync(target))
      throw new SmxError(
        'SMX_NOT_AVAILABLE',
        `${target} is missing: packages are built with the development tools of the platform; run \`npm ci\` there`,
      );
    const link = join(folder, 'node_modules', name);
    const there = lstatSync(link, { throwIfNoEntry: false });
    // what an author installed himself stays
    if (there !== undefined && !there.isSymbolicLink()) continue;
    mkdirSync(dirname(link), { recursive: true });
    rmSync(link, { force: true });
    symlinkSync(target, link, 'dir');
  }
  const command = join(folder, 'node_modules/.bin/smx');
  mkdirSync(dirname(command), { recursive: true });
  rmSync(command, { force: true });
  symlinkSync(join(INSTALLATION, 'bin/smx.js'), command);
}
