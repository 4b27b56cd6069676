import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SmxError } from '@smx-edge/model';
import { ConfigDocument } from '../config/document.js';
import { configError, loadConfig } from '../config/load.js';
import { INSTALLATION } from '../version.js';
import { text, type Invocation } from './command.js';

/** Where and as whom a command asks. */
export interface Target {
  readonly url: URL;
  readonly token: string;
  /** PEM to trust besides the usual roots: the box's own certificate. */
  readonly ca?: string;
  /** Whether address and proof both come from the config, so that the data folder may be opened instead. */
  readonly local: boolean;
}

/** Config file of a command: as given, else `config/smx.yaml` here, else the one of the installation. */
export function configFile(invocation: Invocation): string {
  const given = text(invocation, 'config');
  if (given !== undefined) return resolve(given);
  const here = resolve('config/smx.yaml');
  return existsSync(here) ? here : join(INSTALLATION, 'config/smx.yaml');
}

interface Box {
  readonly url: URL;
  readonly data: string;
  readonly ca?: string;
}

const mapping = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const LOOPBACK: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };

/** Reads only what is needed to find the core; where that is not plain, the whole config says what is wrong. */
function boxOf(file: string): Box {
  const raw = mapping(ConfigDocument.read(file).value());
  const http = mapping(raw['http']);
  const plain = typeof raw['data'] === 'string' && !JSON.stringify([raw['data'], http]).includes('${');
  if (plain && (http['tls'] ?? null) === null) {
    const { host = '127.0.0.1', port = 8080 } = http;
    if (typeof host === 'string' && typeof port === 'number')
      return found({ file, data: raw['data'] as string, host, port });
  }
  const { config, problems } = loadConfig(file);
  if (config === undefined) throw configError(problems);
  const { host, port, tls } = config.http;
  return found({ file, data: config.data, host, port, ...(tls === null ? {} : { cert: tls.cert }) });
}

function found(at: { file: string; data: string; host: string; port: number; cert?: string }): Box {
  const data = resolve(at.file, '..', at.data);
  const host = LOOPBACK[at.host] ?? (at.host.includes(':') ? `[${at.host}]` : at.host);
  const url = runningAt(data) ?? new URL(`${at.cert === undefined ? 'http' : 'https'}://${host}:${at.port}`);
  return { url, data, ...(at.cert === undefined ? {} : { ca: readFileSync(at.cert, 'utf8') }) };
}

/** Address that a running core wrote into its data folder; the port may be one it was given by the system. */
function runningAt(data: string): URL | undefined {
  const file = join(data, 'run/core.json');
  if (!existsSync(file)) return undefined;
  const { http } = JSON.parse(readFileSync(file, 'utf8')) as { http: string };
  return new URL(http);
}

function secretOf(data: string): string | undefined {
  try {
    return readFileSync(join(data, 'secret'), 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SmxError(
      'SMX_ACCESS_UNAUTHENTICATED',
      `the secret of the core in ${data} is not readable for this user; give a token with --token or SMX_TOKEN`,
      { cause: error },
    );
  }
}

/** Throws SMX_HTTP_UNREACHABLE where there is neither a token nor a core that ever ran on this data folder. */
export function targetOf(invocation: Invocation): Target {
  // a variable that is set to nothing is as good as none
  const token = text(invocation, 'token') ?? (process.env['SMX_TOKEN'] || undefined);
  const address = text(invocation, 'url');
  if (address !== undefined) {
    if (!URL.canParse(address))
      throw new SmxError('SMX_CONFIG_INVALID', `"${address}" is no address; write it like http://127.0.0.1:8080`);
    if (token !== undefined) return { url: new URL(address), token, local: false };
  }
  const box = boxOf(configFile(invocation));
  const own = {
    url: address === undefined ? box.url : new URL(address),
    ...(box.ca === undefined ? {} : { ca: box.ca }),
  };
  if (token !== undefined) return { ...own, token, local: false };
  const secret = secretOf(box.data);
  if (secret === undefined)
    throw new SmxError('SMX_HTTP_UNREACHABLE', `no core runs on ${box.data}; start it with \`smx run\``);
  return { ...own, token: secret, local: address === undefined };
}
