// Runs the benches, each in a process of its own, and prints the table: figure, asked, bare limit of the same run.
'use strict';
const { spawnSync } = require('node:child_process');
const { readdirSync, writeFileSync, mkdirSync } = require('node:fs');
const { join } = require('node:path');
const { parseArgs } = require('node:util');

const root = join(__dirname, '..');
const out = join(root, '.build/bench');

function options() {
  try {
    return parseArgs({ options: { only: { type: 'string' }, json: { type: 'string' }, long: { type: 'boolean' } } })
      .values;
  } catch (error) {
    console.error(`${error.message}\nusage: npm run bench -- [--only PATTERN] [--json FILE] [--long]`);
    process.exit(2);
  }
}

function compile(sources) {
  mkdirSync(out, { recursive: true });
  require('esbuild').buildSync({
    entryPoints: sources.map((name) => join(root, 'test/bench', name)),
    outdir: out,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
}

const RUNNER = `const { bench } = require(process.argv[1]);
bench.run().then((rows) => { process.stdout.write('\\u0000' + JSON.stringify(rows)); process.exit(0); }, (error) => { console.error(error); process.exit(1); });`;

/** Rows of one bench, with ratio and verdict. A bench that fails is a row that is not ok. */
function measure(name, long) {
  const result = spawnSync(process.execPath, ['--expose-gc', '-e', RUNNER, join(out, name)], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, SMX_BENCH_LONG: long ? '1' : '' },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 600_000,
    maxBuffer: 64 << 20,
  });
  const mark = result.stdout.indexOf('\u0000');
  if (result.status !== 0 || mark < 0)
    return [
      { name: `${name} (failed to run)`, figure: null, unit: '', target: null, limit: null, ratio: null, ok: false },
    ];
  return JSON.parse(result.stdout.slice(mark + 1)).map(({ better, ...row }) => ({
    ...row,
    ratio: row.limit === null || row.limit === 0 ? null : Number((row.figure / row.limit).toPrecision(3)),
    ok: better === 'more' ? row.figure >= row.target : row.figure <= row.target,
  }));
}

const short = (n) =>
  n === null ? '' : Math.abs(n) >= 100 ? Math.round(n).toLocaleString('en') : Number(n.toPrecision(3)).toString();

function main() {
  const { only, json, long } = options();
  const sources = readdirSync(join(root, 'test/bench')).filter((name) => name.endsWith('.bench.ts'));
  const chosen = sources.filter((name) => only === undefined || name.includes(only));
  if (chosen.length === 0) {
    console.error(
      `No bench matches "${only}"; there are: ${sources.map((name) => name.replace('.bench.ts', '')).join(', ')}`,
    );
    process.exit(2);
  }
  compile(chosen);
  const rows = [];
  console.log(`${'figure'.padEnd(64)} ${'value'.padStart(12)} ${'asked'.padStart(12)} ${'limit'.padStart(12)} ratio`);
  for (const name of chosen)
    for (const row of measure(name.replace(/\.ts$/, '.js'), long === true)) {
      rows.push(row);
      console.log(
        `${row.name.padEnd(64)} ${short(row.figure).padStart(12)} ${short(row.target).padStart(12)} ${short(row.limit).padStart(12)} ${short(row.ratio).padStart(5)} ${row.unit} ${row.ok ? 'ok' : 'SHORT'}`,
      );
    }
  if (json !== undefined) writeFileSync(json, JSON.stringify(rows, null, 1));
  process.exit(rows.every((row) => row.ok) ? 0 : 1);
}

main();
