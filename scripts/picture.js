// Takes the picture of the page for README and docs; run after a build. Needs Chromium.
'use strict';
const { spawnSync } = require('node:child_process');
const { mkdirSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');
const out = join(root, '.build/picture.js');
mkdirSync(join(root, 'docs/images'), { recursive: true });
require('esbuild').buildSync({
  entryPoints: [join(root, 'test/page/picture.ts')],
  outfile: out,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
});
process.exit(spawnSync(process.execPath, [out], { cwd: root, stdio: 'inherit' }).status ?? 1);
