// Runs the fault rigs in full, each in a process of its own, and prints the table: what came of it, what was asked.
'use strict';
const { choose, options, run } = require('./figure-runs.js');

const { only, json, few } = options('npm run faults -- [--only PATTERN] [--json FILE] [--few]', {
  only: { type: 'string' },
  json: { type: 'string' },
  few: { type: 'boolean' },
});
run(choose({ folder: 'faults', end: '.rig.ts', only }), {
  folder: 'faults',
  json,
  width: 100,
  call: `require(process.argv[1]).rig.run(${few === true ? "'few'" : "'many'"})`,
  timeout: 4 * 3_600_000,
  env: {},
});
