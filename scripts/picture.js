// Takes the picture of the page for README and docs; run after a build. Needs Chromium.
'use strict';
const { spawnSync } = require('node:child_process');
const { mkdirSync } = require('node:fs');
const { join } = require('node:path');
const { compile } = require('./compile-test.js');

const root = join(__dirname, '..');
mkdirSync(join(root, 'docs/images'), { recursive: true });
const [picture] = compile('page', ['picture.ts']);
process.exit(spawnSync(process.execPath, [picture], { cwd: root, stdio: 'inherit' }).status ?? 1);
