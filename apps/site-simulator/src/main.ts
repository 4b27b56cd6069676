import { parseArgs } from 'node:util';
import { describeError, SmxError } from '@smx-edge/model';
import { P1_VERSIONS, startP1Site, type P1Version } from './p1-meter/index.js';

const isVersion = (text: string): text is P1Version => (P1_VERSIONS as readonly string[]).includes(text);

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

/** The virtual site as a process: prints one line `{"p1":{"host","port"}}` when it is up and ends with its standard input. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '2001' },
      speed: { type: 'string', default: '1' },
      seed: { type: 'string' },
      version: { type: 'string', default: 'emucs-1.7.1' },
    },
  });
  const { host, version, seed } = values;
  if (!isVersion(version))
    throw new SmxError('SMX_CONFIG_INVALID', `--version is one of ${P1_VERSIONS.join(', ')}, not "${version}"`);
  const site = await startP1Site({
    host,
    port: number('port', values.port, [0, 65_535]),
    speed: number('speed', values.speed, [0.1, 3600]),
    version,
    ...(seed !== undefined && { seed: number('seed', seed) }),
  });
  const stop = (): void => void site.stop().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // whoever started it holds the other end: it never outlives them
  process.stdin.once('end', stop).once('error', stop).resume();
  process.stdout.write(`${JSON.stringify({ p1: site.address })}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`site-simulator: ${describeError(error)}\n`);
  process.exitCode = 2;
});
