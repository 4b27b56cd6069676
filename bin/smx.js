#!/usr/bin/env node
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '../apps/smxcore/dist/cli/main.js');
if (existsSync(main)) require(main);
else {
  console.error('smx is not built yet; run `npm start` or `npm run build` in the folder it stands in.');
  process.exitCode = 1;
}
