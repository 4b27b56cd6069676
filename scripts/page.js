// Bundles the page: script, style sheet and a script per language, each with the hash of its content in its name, beside
// each the same compressed; the core serves them as they are.
'use strict';
const { mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { basename, join } = require('node:path');
const { gzipSync } = require('node:zlib');
const esbuild = require('esbuild');

const source = join(__dirname, '../apps/dashboard/src');
const out = join(__dirname, '../apps/dashboard/dist/page');

function write(path, content) {
  writeFileSync(path, content);
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
}

async function buildPage() {
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: source,
    entryPoints: ['main.tsx', 'style/index.css', 'icon.svg'],
    outdir: join(out, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    loader: { '.svg': 'copy' },
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    // what browsers of the last years understand
    target: ['es2022', 'chrome111', 'firefox121', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfigRaw: '{}',
    legalComments: 'eof',
    logLevel: 'warning',
  });
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, 'assets'), { recursive: true });
  for (const { path, contents } of outputFiles) write(path, contents);
  const addressOf = (entry) => {
    const [path] = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === entry);
    return `/assets/${basename(path)}`;
  };
  const page = readFileSync(join(source, 'index.html'), 'utf8')
    .replace('{script}', addressOf('main.tsx'))
    .replace('{style}', addressOf('style/index.css'))
    .replace('{icon}', addressOf('icon.svg'));
  write(join(out, 'index.html'), page.replace('{door}', 'login'));
  // a box without users says so in the page itself, so that nothing has to be asked before
  write(join(out, 'setup.html'), page.replace('{door}', 'setup'));
}

buildPage().catch((error) => {
  console.error(`The page could not be bundled: ${error.message}`);
  process.exit(1);
});
