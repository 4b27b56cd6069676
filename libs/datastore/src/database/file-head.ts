import { existsSync } from 'node:fs';
import { HEAD, PAGE, readPages } from './file-pages.js';

const MAGIC = 'SQLite format 3\0';
/** Fields of the head that are the same in every file of this software (sqlite.org/fileformat2, §1.3), as offset and bytes. */
const FIXED: readonly (readonly [at: number, bytes: readonly number[]])[] = [
  [16, [PAGE >> 8, PAGE & 0xff, 2, 2, 0, 64, 32, 32]],
  [44, [0, 0, 0, 4]],
  [56, [0, 0, 0, 1]],
  [68, Array<number>(24).fill(0)],
];
/** Where a file that can give pages back has the last page that a table begins in, and a 1; any other has 0 in both. */
const LAST_ROOT_AT = 52;
const SHRINKS_AT = 64;
/** More tables than any file of this software has. */
const MOST_ROOTS = 200;

/** Whether nothing was ever made in it: format of the schema, encoding and rows of the schema are none. Then its log may have more. */
const isBlank = (page: Buffer): boolean =>
  page.readUInt32BE(44) === 0 && page.readUInt32BE(56) === 0 && page.readUInt16BE(HEAD + 3) === 0;

/** What is wrong with the head of a file, undefined where nothing is or nothing is there yet. To be asked while nobody has it open. */
export function headFault(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const page = readPages(path, (read) => read(1));
  // the first commit of a new file may stand in its log only
  if (page.length === 0) return undefined;
  if (page.length < PAGE || page.toString('latin1', 0, MAGIC.length) !== MAGIC) return 'it has no head';
  if (isBlank(page)) return undefined;
  const wrong = FIXED.find(([at, bytes]) => bytes.some((byte, i) => page[at + i] !== byte));
  if (wrong !== undefined) return `its head has another value at ${wrong[0]}`;
  const [root, shrinks] = [page.readUInt32BE(LAST_ROOT_AT), page.readUInt32BE(SHRINKS_AT)];
  const isRight = shrinks === 1 ? root > 0 && root < MOST_ROOTS : shrinks === 0 && root === 0;
  return isRight ? undefined : `its head has another value at ${SHRINKS_AT}`;
}
