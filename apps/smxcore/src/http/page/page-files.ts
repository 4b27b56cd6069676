import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INSTALLATION } from '../../version.js';

/** Written by the build: `index.html`, `setup.html`, and `assets/` with the hash of the content in each name. */
const FOLDER = join(INSTALLATION, 'apps/dashboard/dist/page');

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/** One file of the page; the bytes stay on disk until they are asked for. */
export interface PageFile {
  readonly path: string;
  readonly type: string;
  /** Beside it stands the same compressed. */
  readonly isGzipped: boolean;
}

/** The document: another version of it has another tag. */
interface PageDocument extends PageFile {
  readonly etag: string;
}

/** What the page is made of, known from the start: no address is ever turned into a path. */
export class PageFiles {
  /** The document, and that of a box without users; undefined where the page was not built. */
  readonly documents: Readonly<Record<'login' | 'setup', PageDocument>> | undefined;
  private readonly assets = new Map<string, PageFile>();

  constructor(folder = FOLDER) {
    if (!existsSync(folder)) return;
    this.documents = { login: documentAt(join(folder, 'index.html')), setup: documentAt(join(folder, 'setup.html')) };
    for (const name of readdirSync(join(folder, 'assets')))
      if (!name.endsWith('.gz')) this.assets.set(name, fileAt(join(folder, 'assets', name)));
  }

  asset(name: string): PageFile | undefined {
    return this.assets.get(name);
  }
}

function fileAt(path: string): PageFile {
  const ending = path.slice(path.lastIndexOf('.') + 1);
  return { path, type: TYPES[ending] ?? 'application/octet-stream', isGzipped: existsSync(`${path}.gz`) };
}

function documentAt(path: string): PageDocument {
  const hash = createHash('sha256').update(readFileSync(path)).digest('base64url');
  return { ...fileAt(path), etag: `"${hash.slice(0, 22)}"` };
}
