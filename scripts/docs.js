// Writes the reference pages from the tables and schemas they describe; run after a build.
'use strict';
const { mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { referencePages } = require('../apps/smxcore/dist/docs/index.js');

const folder = join(__dirname, '../docs/reference');
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(referencePages())) writeFileSync(join(folder, name), text);
