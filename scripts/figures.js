// Writes docs/reference/figures.md from the JSON of a bench run: node scripts/figures.js FILE
'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const { cpus } = require('node:os');
const { join } = require('node:path');

const rows = JSON.parse(readFileSync(process.argv[2] ?? join(__dirname, '../.build/bench.json'), 'utf8'));
const short = (n) =>
  n === null ? '' : Math.abs(n) >= 100 ? Math.round(n).toLocaleString('en') : Number(n.toPrecision(3)).toString();
const line = (row) =>
  `| ${row.name} | ${short(row.figure)} ${row.unit} | ${short(row.target)} | ${short(row.limit)} | ${short(row.ratio)} | ${row.ok ? 'yes' : '**no**'} |`;
const head = `# Figures

Printed by \`npm run bench\` on ${cpus().length} cores (${cpus()[0].model.trim()}), Node ${process.version}. *Limit* is the bare
limit measured in the same run, *ratio* the figure over it. A Raspberry Pi 3 is about ten times slower per core; its figures
are to be measured on one.

| figure | measured | asked | limit | ratio | reached |
|---|---|---|---|---|---|
`;
writeFileSync(join(__dirname, '../docs/reference/figures.md'), `${head}${rows.map(line).join('\n')}\n`);
