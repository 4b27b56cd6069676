import { parseArgs } from 'node:util';
import { describeError, ERROR_CODES, isSmxError, systemClock } from '@smx-edge/model';
import { loadConfig } from './config/config.js';
import { startGesscon } from './gesscon.js';
import { openLog } from './log.js';

const USAGE = `usage: node bin/gesscon.js run|check [--config FILE]     (default config/gesscon.yaml)
  run     a worker in the foreground; SIGTERM ends it cleanly
  check   what is wrong with the config`;
const BAD_USAGE = 2;
/** Most a clean end may take, ms. */
const END_TIME = 10_000;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const complain = (text: string): void => void process.stderr.write(`${text}\n`);

/** The first signal; later ones are ignored, since terminals and timeout(1) send theirs twice. */
const signalled = new Promise<NodeJS.Signals>((resolve) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal));
});

async function run(file: string): Promise<number> {
  const config = loadConfig(file);
  const log = openLog(config.log);
  const gesscon = await startGesscon({ config, clock: systemClock, log });
  log.info('running', { url: gesscon.url, party: config.party });
  log.info('stopping', { signal: await signalled });
  setTimeout(() => process.exit(1), END_TIME).unref();
  await gesscon.stop();
  return 0;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { config: { type: 'string', default: 'config/gesscon.yaml' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  const [command, ...more] = positionals;
  if (values.help === true) {
    say(USAGE);
    return 0;
  }
  if (command === 'run' && more.length === 0) return run(values.config);
  if (command === 'check' && more.length === 0) {
    loadConfig(values.config);
    say(`${values.config}: ok`);
    return 0;
  }
  complain(USAGE);
  return BAD_USAGE;
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    const isConfig = isSmxError(error) && ERROR_CODES[error.code].class === 'config';
    const isUsage =
      error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
    complain(`gesscon: ${describeError(error)}`);
    if (isUsage) complain(USAGE);
    process.exit(isConfig || isUsage ? BAD_USAGE : 1);
  },
);
