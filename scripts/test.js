// Runs every test; arguments go to jest. The result also stands in .build/jest.json.
'use strict';
const { spawnSync } = require('node:child_process');
const { mkdirSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
mkdirSync(join(root, '.build'), { recursive: true });
const result = spawnSync(
  process.execPath,
  ['node_modules/jest/bin/jest.js', '--json', '--outputFile=.build/jest.json', ...process.argv.slice(2)],
  { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
);
process.exit(result.status ?? 1);
