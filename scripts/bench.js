// Runs the benches, each in a process of its own, and prints the table: figure, asked, bare limit of the same run.
'use strict';
const { choose, options, run } = require('./figure-runs.js');

const { only, json, long } = options('npm run bench -- [--only PATTERN] [--json FILE] [--long]', {
  only: { type: 'string' },
  json: { type: 'string' },
  long: { type: 'boolean' },
});
run(choose({ folder: 'bench', end: '.bench.ts', only }), {
  folder: 'bench',
  json,
  call: 'require(process.argv[1]).bench.run()',
  timeout: long === true ? 4 * 3_600_000 : 600_000,
  env: { SMX_BENCH_LONG: long === true ? '1' : '' },
});
