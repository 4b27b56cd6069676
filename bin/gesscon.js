#!/usr/bin/env node
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '../apps/gesscon/dist/main.js');
if (existsSync(main)) require(main);
else {
  console.error('gesscon is not built yet; run `npm run build` in the folder it stands in.');
  process.exitCode = 1;
}
