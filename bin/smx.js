#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=65536 MALLOC_TRIM_THRESHOLD_=131072 node
// with these the C library gives back what threads have freed, which it would keep for itself
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '../apps/smxcore/dist/cli/main.js');
if (existsSync(main)) require(main);
else {
  console.error('smx is not built yet; run `npm start` or `npm run build` in the folder it stands in.');
  process.exitCode = 1;
}
