import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HEAD, PAGE } from './file-pages.js';
import { schemaToKeep } from './schema-copy.js';

describe('the schema of a file that a power cut left in pieces', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'smx-schema-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([0, 1, 3, 0xffffffff])('is not kept where its tree leads to page %i', (child) => {
    const page = Buffer.alloc(2 * PAGE);
    // an interior page of a table (sqlite.org/fileformat2, §1.6) without cells
    page[HEAD] = 0x05;
    page.writeUInt32BE(child, HEAD + 8);
    const path = join(folder, 'store.db');
    writeFileSync(path, page);
    expect(schemaToKeep(path)).toBeUndefined();
  });
});
