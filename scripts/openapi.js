// Writes the description of the HTTP API at build time, so that a running core only reads a file.
'use strict';
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

const app = join(__dirname, '../apps/smxcore');
const { openApiDocument } = require(join(app, 'dist/openapi/document.js'));
const { version } = require(join(app, 'package.json'));
writeFileSync(join(app, 'dist/openapi.json'), JSON.stringify(openApiDocument(version)));
