// Brings a clone to the point where it runs: dependencies as locked, native add-on loadable, everything built. Skips what is up to date.
'use strict';
const { spawnSync } = require('node:child_process');
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');

function fail(message) {
  console.error(message);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19) || major >= 27)
    fail(`SMX Edge runs on Node 20.19 to 26; this is ${process.version}. Install a supported Node and try again.`);
}

/** Whether what is installed, and still lies there, is what the lock file says. Optional packages of other platforms may be absent. */
function installed() {
  const here = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(here)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(here, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/')) return true;
    const found = present[path];
    if (found === undefined) return entry.optional === true;
    return found.version === entry.version && existsSync(join(root, path));
  });
}

/** The add-on is compiled for one Node version; another needs a rebuild. */
function nativeLoads() {
  const probe = "const D = require('better-sqlite3'); new D(':memory:').close()";
  return spawnSync(process.execPath, ['-e', probe], { cwd: root }).status === 0;
}

function npm(args, why) {
  console.log(`${why} (npm ${args.join(' ')}; a first installation compiles SQLite and takes a minute or two)`);
  const result = spawnSync('npm', args, { cwd: root, stdio: 'inherit' });
  if (result.status !== 0)
    fail(
      `npm ${args[0]} failed. It needs python3, make and g++ and, the first time, a package registry; see the output above.`,
    );
}

checkNode();
// `npm install` keeps to the lock and, unlike `npm ci`, takes one that names no packages of other platforms
if (!installed()) npm(['install', '--no-audit', '--no-fund'], 'Installing dependencies');
else if (!nativeLoads()) npm(['rebuild', 'better-sqlite3'], `Rebuilding for Node ${process.version}`);
if (!nativeLoads())
  fail(
    'better-sqlite3 does not load after installation; check that python3, make and g++ are there and run `npm install`.',
  );
require('./build.js').build();
