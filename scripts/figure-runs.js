// Runs measuring modules of test/, each in a process of its own, and prints their rows: figure, asked, bare limit.
'use strict';
const { spawnSync } = require('node:child_process');
const { readdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { parseArgs } = require('node:util');
const { compile } = require('./compile-test.js');

const root = join(__dirname, '..');

/** Values of the command line, or the way out where they are no such options. */
function options(usage, known) {
  try {
    return parseArgs({ options: known }).values;
  } catch (error) {
    console.error(`${error.message}\nusage: ${usage}`);
    return process.exit(2);
  }
}

/** Names of the modules of a folder of test/ that end in `end`, those that match `only`. */
function choose({ folder, end, only }) {
  const sources = readdirSync(join(root, 'test', folder)).filter((name) => name.endsWith(end));
  const chosen = sources.filter((name) => only === undefined || name.includes(only));
  if (chosen.length > 0) return chosen;
  console.error(`Nothing matches "${only}"; there are: ${sources.map((name) => name.replace(end, '')).join(', ')}`);
  return process.exit(2);
}

/** Rows of one module, with ratio and verdict. One that fails is a row that is not ok. */
function measure(file, { call, timeout, env }) {
  const runner = `${call}.then((rows) => { process.stdout.write('\\u0000' + JSON.stringify(rows)); process.exit(0); }, (error) => { console.error(error); process.exit(1); });`;
  const result = spawnSync(process.execPath, ['--expose-gc', '-e', runner, file], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout,
    maxBuffer: 64 << 20,
  });
  const mark = result.stdout.indexOf('\u0000');
  if (result.status !== 0 || mark < 0) {
    const end = result.error?.message ?? (result.signal === null ? `exit code ${result.status}` : result.signal);
    const name = `${file.slice(file.lastIndexOf('/') + 1)} (failed to run: ${end})`;
    return [{ name, figure: null, unit: '', target: null, limit: null, ratio: null, ok: false }];
  }
  return JSON.parse(result.stdout.slice(mark + 1)).map(({ better, ...row }) => ({
    ...row,
    ratio: row.limit === null || row.limit === 0 ? null : Number((row.figure / row.limit).toPrecision(3)),
    ok: better === 'more' ? row.figure >= row.target : row.figure <= row.target,
  }));
}

const short = (n) =>
  n === null ? '' : Math.abs(n) >= 100 ? Math.round(n).toLocaleString('en') : Number(n.toPrecision(3)).toString();

/** Runs modules one after the other, prints the table, and ends the process: 1 where a row is short of what was asked. */
function run(sources, { folder, json, width = 64, ...how }) {
  const rows = [];
  console.log(
    `${'figure'.padEnd(width)} ${'value'.padStart(12)} ${'asked'.padStart(12)} ${'limit'.padStart(12)} ratio`,
  );
  for (const file of compile(folder, sources))
    for (const row of measure(file, how)) {
      rows.push(row);
      console.log(
        `${row.name.padEnd(width)} ${short(row.figure).padStart(12)} ${short(row.target).padStart(12)} ${short(row.limit).padStart(12)} ${short(row.ratio).padStart(5)} ${row.unit} ${row.ok ? 'ok' : 'SHORT'}`,
      );
    }
  if (json !== undefined) writeFileSync(json, JSON.stringify(rows, null, 1));
  process.exit(rows.every((row) => row.ok) ? 0 : 1);
}

module.exports = { options, choose, run, short };
