import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBytes, readOn } from './segment-bytes.js';

describe('bytes of a segment that is written to', () => {
  let dir: string;
  let path: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'smx-bytes-'));
    path = join(dir, 'segment');
    writeFileSync(path, '');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('are those of the file, however it grows, and stay what they were for who has them', () => {
    let known: Buffer = Buffer.alloc(0);
    const all: Buffer[] = [];
    const given: Buffer[] = [];
    for (const length of [100, 1, 5000, 200_000, 60_000, 70_000, 300, 400_000]) {
      all.push(randomBytes(length));
      appendFileSync(path, all.at(-1)!);
      known = readOn(path, known.length + length, known);
      given.push(known);
    }
    const written = Buffer.concat(all);
    for (const bytes of given) expect(bytes.equals(written.subarray(0, bytes.length))).toBe(true);
    expect(known.equals(readBytes(path, written.length))).toBe(true);
  });

  it('are zero where the file is too short', () => {
    writeFileSync(path, 'abc');
    const known = readOn(path, 2, Buffer.alloc(0));
    expect(readOn(path, 5, known).toString()).toBe('abc\0\0');
  });
});
