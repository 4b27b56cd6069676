// Bundles what an instance's process loads: its main (with the runtime) and each first-party extension, one file each;
// and what the thread of the store loads. Each then starts with one read and stays small. Types are checked by tsc; this only joins sources.
'use strict';
const { existsSync, readFileSync, readdirSync } = require('node:fs');
const { join } = require('node:path');
const esbuild = require('esbuild');
const yaml = require('yaml');

const root = join(__dirname, '..');

/** Resolves the house's own packages to their sources, so that what a bundle does not use falls out of it. */
const ownSources = {
  name: 'own-sources',
  setup(build) {
    build.onResolve({ filter: /^@smx-edge\// }, ({ path }) => {
      const [, room, ...rest] = path.split('/');
      const inside = rest.length === 0 ? 'index' : rest.join('/');
      const base = join(root, 'libs', room, 'src', inside);
      const file = [`${base}.ts`, join(base, 'index.ts')].find(existsSync);
      return file === undefined
        ? { errors: [{ text: `${path} has no source at ${base}` }] }
        : { path: file, sideEffects: false };
    });
  },
};

/** Data written for people goes in as plain data: no process of a box carries a parser for it. */
const yamlData = {
  name: 'yaml-data',
  setup(build) {
    build.onLoad({ filter: /\.yaml$/ }, ({ path }) => ({
      contents: JSON.stringify(yaml.parse(readFileSync(path, 'utf8'))),
      loader: 'json',
    }));
  },
};

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  // decorators and the like of the rooms' own settings are not for bundles
  tsconfigRaw: '{}',
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [ownSources, yamlData],
  // optional accelerators of ws, never installed here; modbus-serial's own serial lines, which the port process has instead
  external: ['bufferutil', 'utf-8-validate', 'serialport'],
};

/** Libraries of one kind of source are files of their own: an instance of another kind would carry their text. */
const APART = { mqtt: 'mqtt', ws: 'ws', 'modbus-serial': 'modbus' };

const librariesApart = {
  name: 'libraries-apart',
  setup(build) {
    for (const [library, name] of Object.entries(APART))
      build.onResolve({ filter: new RegExp(`^${library}$`) }, () => ({ path: `./${name}.bundle.js`, external: true }));
  },
};

/** What makes certificates is a file of its own: it is loaded when some are made, which is once in some years. */
const issueApart = {
  name: 'issue-apart',
  setup(build) {
    build.onResolve({ filter: /^\.\/issue\.js$/ }, () => ({ path: './issue.bundle.js', external: true }));
  },
};

/** So are the schemas of OCPP, which are loaded with the first payload of a party. */
const schemasApart = {
  name: 'schemas-apart',
  setup(build) {
    build.onResolve({ filter: /^\.\/payload-schemas\.js$/ }, () => ({
      path: './payload-schemas.bundle.js',
      external: true,
    }));
  },
};

/** Of the schemas of OCPP those of requests to a charge point, without what is for readers. */
const requestSchemas = {
  name: 'request-schemas',
  setup(build) {
    build.onLoad({ filter: /ocpp-rpc\/lib\/schemas\/\w+\.json$/ }, ({ path }) => {
      const schemas = JSON.parse(readFileSync(path, 'utf8')).filter(({ $id }) => /(\.req|Request)$/.test($id));
      const spare = ['description', 'comment', 'javaType'];
      const isSpare = (key, value) => spare.includes(key) && typeof value === 'string';
      return {
        contents: JSON.stringify(schemas, (key, value) => (isSpare(key, value) ? undefined : value)),
        loader: 'json',
      };
    });
  },
};

const payloadSchemas = {
  ...shared,
  plugins: [...shared.plugins, requestSchemas],
  supported: { 'dynamic-import': false },
  entryPoints: ['extensions/ocpp-proxy/src/inject/payload-schemas.ts'],
  outfile: 'extensions/ocpp-proxy/dist/payload-schemas.bundle.js',
  minifySyntax: true,
  minifyWhitespace: true,
};

const issue = {
  ...shared,
  entryPoints: ['extensions/ocpp-proxy/src/tls/issue.ts'],
  outfile: 'extensions/ocpp-proxy/dist/issue.bundle.js',
  minifySyntax: true,
  minifyWhitespace: true,
};

const libraries = Object.entries(APART).map(([library, name]) => ({
  ...shared,
  entryPoints: [require.resolve(library)],
  outfile: `libs/extension-host/dist/${name}.bundle.js`,
  minifySyntax: true,
  minifyWhitespace: true,
}));

const child = {
  ...shared,
  plugins: [...shared.plugins, librariesApart],
  entryPoints: ['libs/extension-host/src/child/main.ts'],
  outfile: 'libs/extension-host/dist/child.bundle.js',
};

const replay = {
  ...shared,
  plugins: [...shared.plugins, librariesApart],
  entryPoints: ['libs/extension-host/src/replay/main.ts'],
  outfile: 'libs/extension-host/dist/replay.bundle.js',
};

const storeThread = {
  ...shared,
  external: [...shared.external, 'better-sqlite3'],
  entryPoints: ['libs/datastore/src/worker/main.ts'],
  outfile: 'libs/datastore/dist/worker/main.bundle.js',
};

/** First-party extensions whose `main` is a bundle. */
function extensions() {
  const jobs = [];
  for (const { name } of readdirSync(join(root, 'extensions'), { withFileTypes: true })) {
    const folder = join('extensions', name);
    if (!existsSync(join(root, folder, 'package.json'))) continue;
    const { main } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    if (typeof main !== 'string' || !main.endsWith('.bundle.js')) continue;
    const plugins = [...shared.plugins, issueApart, schemasApart];
    // jest runs no import()
    const supported = { 'dynamic-import': false };
    jobs.push({
      ...shared,
      plugins,
      supported,
      entryPoints: [join(folder, 'src/index.ts')],
      outfile: join(folder, main),
    });
  }
  return jobs;
}

async function bundle() {
  await Promise.all(
    [child, replay, storeThread, ...libraries, issue, payloadSchemas, ...extensions()].map((job) => esbuild.build(job)),
  );
}

module.exports = { bundle };
if (require.main === module)
  bundle().catch(() => {
    console.error('The bundles could not be made; see the errors above.');
    process.exit(1);
  });
