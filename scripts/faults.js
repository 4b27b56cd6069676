// Runs the fault rigs in full, each in a process of its own, and prints the table: what came of it, what was asked.
'use strict';
const { compile } = require('./compile-test.js');
const { choose, options, run } = require('./figure-runs.js');

const { only, json, few } = options('npm run faults -- [--only PATTERN] [--json FILE] [--few]', {
  only: { type: 'string' },
  json: { type: 'string' },
  few: { type: 'boolean' },
});
const sources = choose({ folder: 'faults', end: '.rig.ts', only });
const [{ lacking }, ...rigs] = compile('faults', ['rig.ts', ...sources]).map((file) => require(file));
const able = sources.filter((_, i) => {
  const missing = lacking(rigs[i].rig);
  if (missing !== undefined) console.log(`${rigs[i].rig.name} is skipped: this machine lacks ${missing}`);
  return missing === undefined;
});
run(able, {
  folder: 'faults',
  json,
  width: 100,
  call: `require(process.argv[1]).rig.run(${few === true ? "'few'" : "'many'"})`,
  timeout: 4 * 3_600_000,
  env: {},
});
