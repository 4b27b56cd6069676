import { createInterface } from 'node:readline';
import type { DiscoverStep } from '@smx-edge/extension-api';
import { absoluteSource } from '@smx-edge/extension-api/source';
import { SmxError, type ErrorCode } from '@smx-edge/model';
import { stringify } from 'yaml';
import type { CommandRun } from '../command.js';
import { ask, askJson } from '../client.js';
import { complain, print } from '../out.js';
import { table } from '../table.js';
import { targetOf, type Target } from '../target.js';

interface Discoverable {
  readonly extensions: readonly { use: string; title: string; version: string; problem?: string }[];
  readonly ports: readonly { path: string; manufacturer?: string }[];
}

interface Said {
  readonly step?: DiscoverStep;
  readonly done?: boolean;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

const PATH = '/api/v1/discover';

async function list(target: Target, json: boolean): Promise<number> {
  const found = await askJson<Discoverable>(target, PATH);
  if (json) print(JSON.stringify(found));
  else {
    const rows = found.extensions.map(({ use, version, title, problem }) => [use, version, problem ?? title]);
    print(table([['USE', 'VERSION', 'TITLE'], ...rows]));
    const ports = found.ports.map(({ path, manufacturer }) => [`serial:${path}`, manufacturer ?? '']);
    print(ports.length === 0 ? '\nno serial port is there' : `\n${table([['SOURCE', 'ADAPTER'], ...ports])}`);
  }
  return 0;
}

/** As it goes below `extensions:` of the config. */
function sectionOf(use: string, config: object): string {
  const section = stringify({ [use]: { use, config } }, { lineWidth: 0 });
  return section.trimEnd().replaceAll(/^/gm, '  ');
}

function show({ text, progress, found }: DiscoverStep, { use, json }: { use: string; json: boolean }): void {
  if (found === undefined) {
    if (!json && text !== undefined) complain(`${Math.round((progress ?? 0) * 100)} %  ${text}`);
  } else if (json) print(JSON.stringify(found));
  else print(`# ${found.title}\n${sectionOf(use, found.config)}`);
}

interface Looked {
  readonly found: number;
  /** The extension can tell what is on a line. */
  readonly able: boolean;
}

/** Asks an extension about one line, showing what it says. */
async function look(target: Target, wish: { use: string; source: string }, json: boolean): Promise<Looked> {
  const how = { use: wish.use, json };
  const response = await ask(target, PATH, { method: 'POST', body: wish, accept: 'application/x-ndjson' });
  let found = 0;
  let told = '';
  let last: Said = {};
  for await (const line of createInterface({ input: response })) {
    if (line === '') continue;
    last = JSON.parse(line) as Said;
    const { step } = last;
    if (step === undefined) continue;
    if (step.found !== undefined) found++;
    // the same words again tell nothing
    if (step.found !== undefined || step.text !== told) show(step, how);
    told = step.text ?? told;
  }
  if (last.error !== undefined) throw new SmxError(last.error.code, last.error.message);
  if (last.done === undefined) throw new SmxError('SMX_HTTP_UNREACHABLE', 'the core ended the discovery');
  return { found, able: last.done };
}

/** Without a source every serial port of the box. */
async function sourcesOf(target: Target, source: string | undefined): Promise<string[]> {
  // the core works in a folder of its own
  if (source !== undefined) return [absoluteSource(source, process.cwd())];
  const { ports } = await askJson<Discoverable>(target, PATH);
  return ports.map(({ path }) => `serial:${path}`);
}

/** `smx discover [USE] [SOURCE]`: what is installed, or what an extension finds on a line; 1 where nothing is found. */
export const discover: CommandRun = async (invocation) => {
  const target = targetOf(invocation);
  const json = invocation.values['json'] === true;
  const [use, given] = invocation.args;
  if (use === undefined) return list(target, json);
  const sources = await sourcesOf(target, given);
  if (sources.length === 0) complain('no serial port is there; give a source like tcp://host:port');
  let found = 0;
  for (const source of sources) {
    if (given === undefined && !json) complain(source);
    const looked = await look(target, { use, source }, json);
    found += looked.found;
    if (looked.found === 0 && !json)
      complain(looked.able ? 'nothing was found' : `the extension "${use}" cannot tell what is on a line`);
    if (!looked.able) break;
  }
  return found === 0 ? 1 : 0;
};
