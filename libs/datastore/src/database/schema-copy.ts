import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { headFault } from './file-head.js';
import { HEAD, PAGE, readPages, type ReadPage } from './file-pages.js';

/**
 * A copy of the pages that the schema stands in, `FILE.schema`: a CRC-32 (u32, little endian), then number (u32, little
 * endian) and bytes of each page. Where tables begin stands nowhere else: without it one flipped bit would take them all.
 */
export type SchemaPages = ReadonlyMap<number, Buffer>;

const copyOf = (path: string): string => `${path}.schema`;

/** Fields of the head of the file: pages in it, and the list of free ones. */
const PAGES_AT = 28;
const FREE_AT = 32;
/** An interior page of a table (sqlite.org/fileformat2, §1.6): cells from 12 bytes behind its head, the last child at 8. */
const INTERIOR = 0x05;
const MOST_PAGES = 64;

const headOf = (page: number): number => (page === 1 ? HEAD : 0);

/** The pages of the tree that begins in page 1; undefined where that is none. */
function schemaPages(read: ReadPage): SchemaPages | undefined {
  const pages = new Map<number, Buffer>();
  for (const due = [1]; due.length > 0;) {
    const number = due.pop()!;
    const page = read(number);
    if (page.length < PAGE || pages.has(number) || pages.size === MOST_PAGES) return undefined;
    pages.set(number, page);
    const head = headOf(number);
    if (page[head] !== INTERIOR) continue;
    const cells = page.readUInt16BE(head + 3);
    if (head + 12 + 2 * cells > PAGE) return undefined;
    due.push(page.readUInt32BE(head + 8));
    for (let i = 0; i < cells; i++) {
      const at = page.readUInt16BE(head + 12 + 2 * i);
      if (at > PAGE - 4) return undefined;
      due.push(page.readUInt32BE(at));
    }
  }
  return pages;
}

/** The copy, undefined where there is none that is sound. */
function kept(path: string): SchemaPages | undefined {
  if (!existsSync(copyOf(path))) return undefined;
  const bytes = readFileSync(copyOf(path));
  if (bytes.length < 4 || bytes.readUInt32LE(0) !== crc32(bytes.subarray(4))) return undefined;
  const pages = new Map<number, Buffer>();
  for (let at = 4; at < bytes.length; at += 4 + PAGE)
    pages.set(bytes.readUInt32LE(at), bytes.subarray(at + 4, at + 4 + PAGE));
  return pages;
}

/** Whether two pages say the same of the schema; the head of the file is of its own. */
const same = (number: number, a: Buffer | undefined, b: Buffer): boolean =>
  a?.subarray(headOf(number)).equals(b.subarray(headOf(number))) === true;

/** The schema's pages of a file, where the copy has others; undefined where there is nothing to keep. */
export function schemaToKeep(path: string): SchemaPages | undefined {
  // what stands in the log counts before what stands in the file
  if (!existsSync(path) || existsSync(`${path}-wal`)) return undefined;
  const known = kept(path);
  const pages = readPages(path, schemaPages);
  if (
    pages === undefined ||
    (known?.size === pages.size && [...pages].every(([n, page]) => same(n, known.get(n), page)))
  )
    return undefined;
  return pages;
}

/** Throws what the file system throws. */
export function keepSchema(path: string, pages: SchemaPages): void {
  const parts = [...pages].flatMap(([number, page]) => {
    const place = Buffer.alloc(4);
    place.writeUInt32LE(number);
    return [place, page];
  });
  const bytes = Buffer.concat([Buffer.alloc(4), ...parts]);
  bytes.writeUInt32LE(crc32(bytes.subarray(4)));
  const file = openSync(`${copyOf(path)}.new`, 'w', 0o600);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${copyOf(path)}.new`, copyOf(path));
}

/** Puts the schema's pages, of the copy or else of `fallback`, into a damaged file where its own are others. */
export function mendSchema(path: string, fallback: () => SchemaPages): void {
  const pages = kept(path) ?? fallback();
  const isHeadSound = headFault(path) === undefined;
  const wrong = readPages(path, (read) =>
    [...pages].filter(([number, page]) => (number === 1 && !isHeadSound) || !same(number, read(number), page)),
  );
  const file = openSync(path, 'r+');
  try {
    for (const [number, page] of wrong) {
      const mended = Buffer.from(page);
      if (number === 1) {
        mended.writeUInt32BE(Math.floor(statSync(path).size / PAGE), PAGES_AT);
        mended.fill(0, FREE_AT, FREE_AT + 8);
      }
      writeSync(file, mended, 0, PAGE, (number - 1) * PAGE);
    }
  } finally {
    closeSync(file);
  }
}

/** The schema's pages of a whole file in memory. */
export const schemaPagesOf = (bytes: Buffer): SchemaPages =>
  schemaPages((page) => bytes.subarray((page - 1) * PAGE, page * PAGE)) ?? new Map();
