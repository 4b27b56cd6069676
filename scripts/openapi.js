// Writes what describes the API at build time, so that a running core only reads files: OpenAPI, JSON Schemas, golden messages.
'use strict';
const { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

const root = join(__dirname, '..');
const app = join(root, 'apps/smxcore');
const out = join(app, 'dist/schemas');
const GOLDEN = { mqtt: join(root, 'libs/northbound/golden'), http: join(app, 'golden') };

function write(file, text) {
  mkdirSync(dirname(join(out, file)), { recursive: true });
  writeFileSync(join(out, file), text);
}

const { openApiDocument } = require(join(app, 'dist/openapi/document.js'));
const { schemaFiles } = require(join(app, 'dist/openapi/schema-files.js'));
const { version } = require(join(app, 'package.json'));
writeFileSync(join(app, 'dist/openapi.json'), JSON.stringify(openApiDocument(version)));

rmSync(out, { recursive: true, force: true });
for (const [file, content] of Object.entries(schemaFiles())) write(file, JSON.stringify(content, null, 1));
for (const [group, folder] of Object.entries(GOLDEN))
  for (const file of readdirSync(folder))
    write(`${group}/${file.replace('.json', '.golden.json')}`, readFileSync(join(folder, file)));
