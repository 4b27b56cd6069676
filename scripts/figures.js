// Writes docs/reference/figures.md from the JSON of runs: node scripts/figures.js [BENCH] [--faults FAULTS]…
// A table whose JSON is not given stays as it is.
'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const { cpus } = require('node:os');
const { join } = require('node:path');
const { parseArgs } = require('node:util');
const { short } = require('./figure-runs.js');

const PAGE = join(__dirname, '../docs/reference/figures.md');
const FAULTS = '\n## Faults\n';

const { values, positionals } = parseArgs({
  options: { faults: { type: 'string', multiple: true } },
  allowPositionals: true,
});
const machine = `${cpus().length} cores (${cpus()[0].model.trim()}), Node ${process.version}`;
const rowsOf = (file) => JSON.parse(readFileSync(file, 'utf8'));
const verdict = ({ ok }) => (ok ? 'yes' : '**no**');

const bench = (rows) => `# Figures

Printed by \`npm run bench\` on ${machine}. *Limit* is the bare
limit measured in the same run, *ratio* the figure over it. A Raspberry Pi 3 is about ten times slower per core; its figures
are to be measured on one. Calls beside an instance that misbehaves may take twice as long as alone,
and 2 ms in any case.

| figure | measured | asked | limit | ratio | reached |
|---|---|---|---|---|---|
${rows.map((row) => `| ${row.name} | ${short(row.figure)} ${row.unit} | ${short(row.target)} | ${short(row.limit)} | ${short(row.ratio)} | ${verdict(row)} |`).join('\n')}
`;

const faults = (rows) => `${FAULTS}
Printed by \`npm run faults\` on ${machine}: what came of faults that were made on purpose
([what is tried, and what is not](../explanation/faults.md)).

| figure | found | asked | reached |
|---|---|---|---|
${rows.map((row) => `| ${row.name} | ${`${short(row.figure)} ${row.unit}`.trim()} | ${short(row.target)} | ${verdict(row)} |`).join('\n')}
`;

const [present, presentFaults] = readFileSync(PAGE, 'utf8').split(FAULTS);
const kept = presentFaults === undefined ? '' : FAULTS + presentFaults;
const [file] = positionals;
writeFileSync(
  PAGE,
  (file === undefined ? present : bench(rowsOf(file))) +
    (values.faults === undefined ? kept : faults(values.faults.flatMap(rowsOf))),
);
