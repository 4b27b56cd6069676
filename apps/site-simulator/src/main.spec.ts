import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

describe('the virtual site as a process', () => {
  it.each([
    ['--speed=0', /--speed takes a number from 0\.1 to 3600, not "0"/],
    ['--port=70000', /--port takes a number from 0 to 65535, not "70000"/],
    ['--version=smr-9', /--version is one of .*emucs-1\.7\.1/],
    ['--more={', /--more takes keys of a config file as JSON, not "\{"/],
    ['--seed=x', /--seed takes a number, not "x"/],
  ])('refuses %s with a reason and opens nothing', (argument, reason) => {
    const main = resolve(__dirname, '../dist/main.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, argument], { encoding: 'utf8', input: '' });
    expect(stderr).toMatch(reason);
    expect(stderr).toContain('SMX_CONFIG_INVALID');
    expect([status, stdout]).toEqual([2, '']);
  });
});
