import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** What a process has loaded after it opened `source`, as the bundle of an instance loads it. */
function loadedBy(source: string): string[] {
  const dir = mkdtempSync(join(tmpdir(), 'smx-lean-'));
  try {
    const script = `
      const { openLine } = require(${JSON.stringify(join(__dirname, 'index.ts'))});
      const quiet = () => {};
      const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
      const clock = { now: Date.now, monotonic: () => performance.now(), after: () => ({ dispose: quiet }) };
      openLine(${JSON.stringify(source)}, { log, clock });
      setTimeout(() => {
        process.stdout.write(JSON.stringify(process.moduleLoadList));
        process.exit(0);
      }, 200);`;
    const outfile = join(dir, 'out.js');
    buildSync({
      stdin: { contents: script, resolveDir: __dirname },
      outfile,
      bundle: true,
      platform: 'node',
      logLevel: 'error',
    });
    return JSON.parse(execFileSync(process.execPath, [outfile]).toString()) as string[];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

describe('a process that opens one kind of line', () => {
  it('loads nothing for the others', () => {
    const loaded = loadedBy('tcp://127.0.0.1:1');
    expect(loaded).toContain('NativeModule net');
    for (const heavy of ['http', 'https', 'tls', 'dgram', 'fs/promises', 'zlib', 'child_process'])
      expect(loaded).not.toContain(`NativeModule ${heavy}`);
  });

  it('loads what its kind needs from the same bundle', () => {
    expect(loadedBy('ws://127.0.0.1:1/')).toContain('NativeModule http');
    expect(loadedBy('udp://127.0.0.1:45454')).toContain('NativeModule dgram');
  });
});
