import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder the platform is installed in. */
export const INSTALLATION = join(__dirname, '../../..');

const manifest = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')) as { readonly version: string };

export const VERSION = manifest.version;
