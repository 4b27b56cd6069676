// Bundles the page: script, style sheet and a script per language, each with the hash of its content in its name, beside
// each the same compressed; the core serves them as they are.
'use strict';
const { mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { basename, join } = require('node:path');
const { gzipSync } = require('node:zlib');
const swc = require('@swc/core');
const esbuild = require('esbuild');

const source = join(__dirname, '../apps/dashboard/src');
const out = join(__dirname, '../apps/dashboard/dist/page');

function write(path, content) {
  writeFileSync(path, content);
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
}

// names carry the hash of what esbuild wrote, so who makes it smaller has to be named there
const NOTICE = `/*! Preact and signals (c) Jason Miller, Preact Team; uPlot (c) Leon Sorokin; MIT. swc ${swc.version} */`;

/** A twentieth smaller than what esbuild makes alone. */
function smaller(path, contents, hasLibrary) {
  if (!path.endsWith('.js')) return contents;
  const options = { module: true, compress: { passes: 3, ecma: 2022 }, mangle: true };
  return swc.minifySync(Buffer.from(contents).toString(), {
    ...options,
    format: { comments: hasLibrary ? 'some' : false },
  }).code;
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
    footer: { js: NOTICE },
    logLevel: 'warning',
  });
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, 'assets'), { recursive: true });
  const libraries = Object.entries(metafile.outputs)
    .filter(([, { inputs }]) => Object.keys(inputs).some((input) => input.includes('node_modules')))
    .map(([path]) => basename(path));
  for (const { path, contents } of outputFiles)
    write(path, smaller(path, contents, libraries.includes(basename(path))));
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
