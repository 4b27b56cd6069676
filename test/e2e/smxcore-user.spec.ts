import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Box, type Outcome } from './smxcore-support.js';

let box: Box;
beforeEach(() => (box = new Box()));
afterEach(() => box.remove());

/** `smx user …` with a password on stdin. */
const user = (args: readonly string[], stdin = ''): Promise<Outcome> =>
  new Promise((resolve) => {
    const smx = join(__dirname, '../../bin/smx.js');
    const child = spawn(process.execPath, [smx, 'user', '--config', box.config, ...args]);
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('close', (status) => resolve({ status, out, err }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
  });

/** The same, as a person does it at a terminal; what the terminal showed. */
const typed = (args: readonly string[], keys: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    const smx = join(__dirname, '../../bin/smx.js');
    const command = `'${process.execPath}' '${smx}' user --config '${box.config}' ${args.join(' ')}`;
    const child = spawn('script', ['-qec', command, '/dev/null']);
    let shown = '';
    const left = [...keys];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      if (/(password for \w+|once more): $/.test(text) && left.length > 0) child.stdin.write(left.shift()!);
    });
    child.on('close', () => resolve(shown));
  });

const login = async (url: string, password: string): Promise<number> => {
  const body = JSON.stringify({ name: 'anna', password });
  const headers = { 'content-type': 'application/json' };
  return (await fetch(`${url}/api/v1/session`, { method: 'POST', headers, body })).status;
};

it('makes, lists, changes and removes users whether or not the core runs', async () => {
  expect(await user(['add', 'anna', '--role', 'owner'], 'correct horse\n')).toMatchObject({ status: 0, err: '' });
  expect((await user(['add', 'anna', '--role', 'owner'], 'correct horse\n')).err).toContain('SMX_ACCESS_NAME_TAKEN');
  expect((await user(['add', 'ben', '--role', 'ownr'], 'correct horse\n')).err).toContain('did you mean "owner"');
  expect((await user(['add', 'ben', '--role', 'viewer'], 'short\n')).err).toContain('SMX_ACCESS_PASSWORD');
  const { url } = await box.core();
  expect(await login(url, 'correct horse')).toBe(200);
  expect((await user(['passwd', 'anna'], 'battery staple')).status).toBe(0);
  expect([await login(url, 'correct horse'), await login(url, 'battery staple')]).toEqual([401, 200]);
  expect((await user(['add', 'ben', '--role', 'viewer'], 'correct horse\n')).status).toBe(0);
  const rows = JSON.parse((await user(['list', '--json'])).out) as { principal: string; role: string }[];
  expect(rows.map(({ principal, role }) => [principal, role])).toEqual([
    ['anna', 'owner'],
    ['ben', 'viewer'],
  ]);
  expect((await user(['remove', 'anna'])).status).toBe(0);
  expect(await login(url, 'battery staple')).toBe(401);
  expect((await user(['remove', 'anna'])).err).toContain('SMX_ACCESS_PRINCIPAL_UNKNOWN');
});

it('asks for the password at a terminal, twice and without showing it', async () => {
  const shown = await typed(['add', 'anna', '--role', 'owner'], ['correctt\u007f horse\r', 'correct horse\r']);
  expect(shown).toContain('anna is a user');
  expect(shown).not.toContain('horse');
  expect(await typed(['passwd', 'anna'], ['battery staple\r', 'battery stable\r'])).toContain('not the same');
  const { url } = await box.core();
  expect(await login(url, 'correct horse')).toBe(200);
});
