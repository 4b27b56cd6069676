import { createHash } from 'node:crypto';
import type { OpenApiDocument, OpenApiOperation } from '../../openapi/document.js';

const STYLE =
  'body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}' +
  'code,pre{font:13px ui-monospace,monospace;background:#f3f3f3;border-radius:4px;padding:.1em .3em}pre{padding:.8em;overflow:auto}' +
  'h2{margin-top:2rem;border-bottom:1px solid #ddd}td{padding:.15rem .8rem .15rem 0;vertical-align:top}' +
  '@media(prefers-color-scheme:dark){body{color:#eee;background:#181818}code,pre{background:#2a2a2a}h2{border-color:#444}}';

/** Lets the pages' own style pass a policy that takes no other. */
export const STYLE_HASH = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const prose = (text: string): string => escaped(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');

function page(title: string, body: string): string {
  return (
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${escaped(title)}</title><style>${STYLE}</style><h1>${escaped(title)}</h1>${body}</html>`
  );
}

function operation(method: string, path: string, { summary, description, parameters = [] }: OpenApiOperation): string {
  const rows = parameters.map(
    ({ name, in: place, description: text }) =>
      `<tr><td><code>${escaped(name)}</code> (${place})<td>${prose(text ?? '')}`,
  );
  const table = rows.length === 0 ? '' : `<table>${rows.join('')}</table>`;
  return `<h3><code>${method.toUpperCase()} ${escaped(path)}</code></h3><p>${prose(summary)}${description === undefined ? '' : ` ${prose(description)}`}</p>${table}`;
}

/** The description as a page without scripts. */
export function docsPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, entry]) => operation(method, path, entry)),
  );
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) =>
      `<h3 id="${escaped(name)}">${escaped(name)}</h3><pre>${escaped(JSON.stringify(schema, null, 1))}</pre>`,
  );
  return page(
    document.info.title,
    `<p>${prose(document.info.description)}</p><h2>Operations</h2>${operations.join('')}<h2>Answers</h2>${schemas.join('')}`,
  );
}
