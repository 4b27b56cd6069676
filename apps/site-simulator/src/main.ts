import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { describeError, SmxError, type Log } from '@smx-edge/model';
import { P1_VERSIONS, isP1Version } from './p1-meter/index.js';
import { control, parseSiteConfig, readSiteConfig, startSite, type SiteConfig } from './site/index.js';

const ANY = [-Number.MAX_VALUE, Number.MAX_VALUE] as const;

function number(name: string, text: string, [least, most]: readonly [number, number] = ANY): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most))
    throw new SmxError(
      'SMX_CONFIG_INVALID',
      `--${name} takes a number${least === ANY[0] ? '' : ` from ${least} to ${most}`}, not "${text}"`,
    );
  return value;
}

/** Keys of a config file beside the meter. */
function moreOf(text: string): { readonly meters?: unknown } {
  try {
    const more: unknown = JSON.parse(text);
    if (typeof more === 'object' && more !== null) return more;
  } catch {
    // told below
  }
  throw new SmxError('SMX_CONFIG_INVALID', `--more takes keys of a config file as JSON, not "${text.slice(0, 80)}"`);
}

/** A site of one meter, and what \`--more\` says, from the command line; or the one of a config file. */
function config(): SiteConfig {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      host: { type: 'string' },
      port: { type: 'string' },
      pty: { type: 'string' },
      speed: { type: 'string' },
      seed: { type: 'string' },
      version: { type: 'string' },
      more: { type: 'string' },
    },
  });
  const { config: file, host, port, pty, speed, seed, version, more } = values;
  if (file !== undefined) {
    if (Object.keys(values).length > 1)
      throw new SmxError('SMX_CONFIG_INVALID', '--config takes no other option beside it: the file says them all');
    return readSiteConfig(file);
  }
  if (version !== undefined && !isP1Version(version))
    throw new SmxError('SMX_CONFIG_INVALID', `--version is one of ${P1_VERSIONS.join(', ')}, not "${version}"`);
  const { meters = [], ...rest } = moreOf(more ?? '{}');
  if (!Array.isArray(meters)) throw new SmxError('SMX_CONFIG_INVALID', '--more: meters is a list');
  const meter = { host, port: port === undefined ? undefined : number('port', port, [0, 65_535]), pty, version };
  return parseSiteConfig({
    ...rest,
    meters: [meter, ...(meters as readonly unknown[])],
    ...(speed !== undefined && { speed: number('speed', speed, [0.1, 3600]) }),
    ...(seed !== undefined && { seed: number('seed', seed) }),
  });
}

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const log: Log = {
  debug: () => {},
  info: () => {},
  warn: (message, fields) => void process.stderr.write(`site-simulator: ${message} ${JSON.stringify(fields ?? {})}\n`),
  error: (message, fields) => void process.stderr.write(`site-simulator: ${message} ${JSON.stringify(fields ?? {})}\n`),
};

/**
 * The virtual site as a process: prints one line with the address of each meter by its name, as `{"p1":{"host","port"}}`,
 * and of each other device as `{"inverter":{"source"}}`, when it is up, then answers each line of its standard input (see `control`) with a line, and ends with that input.
 */
async function main(): Promise<void> {
  const site = await startSite(config(), { log });
  const stop = (): void => void site.stop().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stdout.on('error', stop);
  say({
    ...Object.fromEntries([...site.meters].map(([name, { address, ptyPath }]) => [name, { ...address, pty: ptyPath }])),
    ...Object.fromEntries([...site.devices].map(([name, { source }]) => [name, { source }])),
  });
  // whoever started it holds the other end: it never outlives them
  process.stdin.once('error', stop);
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      if (line.trim() !== '') say(control(site, line));
    })
    .once('close', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`site-simulator: ${describeError(error)}\n`);
  process.exitCode = 2;
});
