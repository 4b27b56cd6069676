import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalProof } from './proof.js';
import { RunFile } from './run-file.js';
import { writeWhole } from './whole-file.js';

let at: string;
let mounted: boolean;

beforeEach(() => {
  at = mkdtempSync(join(tmpdir(), 'smx-whole-'));
  mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', at]).status === 0;
});

afterEach(() => {
  if (mounted) spawnSync('umount', ['-l', at]);
  rmSync(at, { recursive: true, force: true });
});

test('a file is there whole, for its owner only', () => {
  const file = join(at, 'file');
  expect(writeWhole(file, 'text')).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe('text');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(() => writeWhole(join(at, 'none/file'), 'text')).toThrow(/ENOENT/);
});

test('a full disk keeps no box from starting', () => {
  if (!mounted) return;
  const run = new RunFile(at);
  spawnSync('sh', ['-c', `cat /dev/zero > ${join(at, 'fill')} 2>/dev/null`]);
  expect(() => writeFileSync(join(at, 'more'), 'x')).toThrow(/ENOSPC/);
  const proof = new LocalProof(at);
  run.write({ pid: 1, http: 'http://127.0.0.1', broker: null });
  expect(proof.principalOf('')).toBeUndefined();
  expect(existsSync(join(at, 'secret.new'))).toBe(false);
  proof.close();
  run.close();
});
