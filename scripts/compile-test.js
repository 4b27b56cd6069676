// Bundles modules of a folder of test/ for one run each.
'use strict';
const { mkdirSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');

/** Where the bundles of `sources` of test/FOLDER are. */
function compile(folder, sources) {
  const out = join(root, '.build', folder);
  mkdirSync(out, { recursive: true });
  require('esbuild').buildSync({
    entryPoints: sources.map((name) => join(root, 'test', folder, name)),
    outdir: out,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
  return sources.map((name) => join(out, name.replace(/\.ts$/, '.js')));
}

module.exports = { compile };
