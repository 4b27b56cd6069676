import { parseArgs } from 'node:util';
import { ERROR_CODES, SmxError, describeError, isSmxError, nearest } from '@smx-edge/model';
import { parseOptions, type CommandSpec, type Invocation } from './command.js';
import { COMMANDS } from './commands.js';
import { commandHelp, overview, usageLine } from './help.js';
import { complain, print, report } from './out.js';
import { UsageError } from './usage-error.js';

const BAD_USAGE = 2;
/** A value below zero is no option, whatever it begins with. */
const NEGATIVE = /^-\.?\d/;
const SHIELD = '\u0000';

/** Throws UsageError. */
function parse(command: CommandSpec, argv: readonly string[]): Invocation {
  try {
    const shielded = argv.map((word) => (NEGATIVE.test(word) ? SHIELD + word : word));
    const parsed = parseArgs({ args: shielded, options: parseOptions(command.options), allowPositionals: true });
    const args = parsed.positionals.map((word) => (word.startsWith(SHIELD) ? word.slice(SHIELD.length) : word));
    if (parsed.values['help'] !== true) {
      if (args.length < command.least) throw new UsageError('an argument is missing');
      if (args.length > command.most)
        throw new UsageError(`there is one argument too many: "${args[command.most] ?? ''}"`);
    }
    return { args, values: parsed.values as Invocation['values'] };
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
      throw new UsageError(error.message);
    throw error;
  }
}

/** Whether an error is the user's config or usage (2) or something that failed (1). Names taken and the like are answers. */
const statusOf = (error: SmxError): number =>
  // filters, times and durations go to the core as they were typed
  error.code === 'SMX_CLI_USAGE' ||
  error.code === 'SMX_HTTP_BAD_REQUEST' ||
  (error.code.startsWith('SMX_CONFIG_') && ERROR_CODES[error.code].class === 'config')
    ? BAD_USAGE
    : 1;

async function run(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined) throw new UsageError('say what to do', overview());
  if (name === '--help' || name === '-h' || name === 'help') {
    print(overview());
    return 0;
  }
  if (name === '--version') {
    print(`smx ${(await import('../version.js')).VERSION}`);
    return 0;
  }
  const command = COMMANDS.find((other) => other.name === name);
  if (command === undefined) {
    const meant = nearest(
      name,
      COMMANDS.map((other) => other.name),
    );
    throw new UsageError(
      `there is no command "${name}" in this version${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
      overview(),
    );
  }
  try {
    const invocation = parse(command, rest);
    if (invocation.values['help'] === true) {
      print(commandHelp(command));
      return 0;
    }
    return await (
      await command.load()
    )(invocation);
  } catch (error) {
    if (!(error instanceof UsageError) || error.hint !== undefined) throw error;
    throw new UsageError(error.message, usageLine(command));
  }
}

async function main(argv: readonly string[]): Promise<number> {
  try {
    return await run(argv);
  } catch (error) {
    const known = isSmxError(error) ? error : new SmxError('SMX_INTERNAL', describeError(error), { cause: error });
    if (!isSmxError(error) && error instanceof Error) complain(error.stack ?? error.message);
    // also where the rest of the line cannot be parsed
    report(known, argv.includes('--json'), known instanceof UsageError ? known.hint : undefined);
    return statusOf(known);
  }
}

// a reader that goes away (`smx watch | head`) is a normal end
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
process.stderr.on('error', () => process.exit(1));

void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
