import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');
const gesscon = (...args: readonly string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [resolve(ROOT, 'bin/gesscon.js'), ...args], { encoding: 'utf8' });

describe('gesscon on the command line', () => {
  it('says on standard output what it takes and that a config is well', () => {
    expect(gesscon('-h')).toMatchObject({ status: 0, stdout: expect.stringContaining('--config FILE') as string });
    const file = resolve(ROOT, 'config/gesscon.yaml');
    expect(gesscon('check', '--config', file)).toMatchObject({ status: 0, stdout: `${file}: ok\n` });
  });

  it('ends with 2 and its usage where it is asked for what it does not have', () => {
    const { status, stdout, stderr } = gesscon('run', '--confg', 'x');
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining('usage:')]);
  });
});
