import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from '../cli/commands.js';
import { referencePages } from './index.js';

describe('the reference', () => {
  it.each(Object.entries(referencePages()))('%s is current; `node scripts/docs.js` writes it', (name, text) => {
    expect(readFileSync(join(__dirname, '../../../../docs/reference', name), 'utf8')).toBe(text);
  });

  it('names every key that a config may have', () => {
    const { 'config.md': page } = referencePages();
    for (const key of [
      'site',
      'http.tls.key',
      'history.15m',
      'extensions.NAME.limits.memory',
      'links.NAME.auth.password',
    ])
      expect(page).toContain(`\`${key}\``);
  });
});

test('each of the three doors of the README is one command that there is', () => {
  const text = readFileSync(join(__dirname, '../../../../README.md'), 'utf8');
  const doors = text.split('\n').filter((line) => /^\| \*\*/.test(line));
  const commands = doors.map((line) => [...line.matchAll(/`npx smx ([a-z]+)[^`]*`/g)].map(([, name]) => name));
  expect(commands).toEqual([[expect.any(String)], [expect.any(String)], [expect.any(String)]]);
  for (const name of commands.flat()) expect(COMMANDS.map((command) => command.name)).toContain(name);
});
