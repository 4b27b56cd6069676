// Compiles and bundles what changed since the last build.
'use strict';
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } = require('node:fs');
const { join, relative } = require('node:path');

const root = join(__dirname, '..');
const stamp = join(root, '.build/stamp');

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else yield path;
  }
}

const rooms = () =>
  ['libs', 'apps', 'extensions'].flatMap((floor) =>
    readdirSync(join(root, floor), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(root, floor, entry.name)),
  );

function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  for (const folder of [...rooms(), __dirname])
    for (const path of files(folder)) {
      const { size, mtimeMs } = statSync(path);
      hash.update(`${relative(root, path)} ${size} ${mtimeMs}\n`);
    }
  for (const path of ['tsconfig.base.json', 'tsconfig.json', 'package-lock.json'])
    hash.update(readFileSync(join(root, path)));
  return hash.digest('hex');
}

/** A renamed source leaves its old output behind, which would still be found. */
function dropOrphans() {
  for (const room of rooms()) {
    const dist = join(room, 'dist');
    if (!existsSync(dist)) continue;
    for (const path of readdirSync(dist, { recursive: true })) {
      const match = /^(.*)\.(js|d\.ts)$/.exec(String(path));
      if (match === null || match[1].endsWith('.bundle')) continue;
      const source = join(room, 'src', match[1]);
      if (!existsSync(`${source}.ts`) && !existsSync(`${source}.tsx`)) rmSync(join(dist, String(path)));
    }
  }
}

function run(args) {
  const result = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (result.status !== 0) {
    console.error(`The build failed at \`node ${args.join(' ')}\`; see above.`);
    process.exit(1);
  }
}

function build() {
  const now = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return;
  console.log('Building …');
  dropOrphans();
  run(['node_modules/typescript/bin/tsc', '-b']);
  run(['scripts/bundle.js']);
  run(['scripts/page.js']);
  run(['scripts/openapi.js']);
  mkdirSync(join(root, '.build'), { recursive: true });
  writeFileSync(stamp, now);
}

module.exports = { build };
if (require.main === module) build();
