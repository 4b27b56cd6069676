import { stayLean } from '../lean-heap.js';
import type { CommandSpec, OptionSpec } from './command.js';

const HELP: Record<string, OptionSpec> = { help: { type: 'boolean', help: 'shows this help' } };
const CONFIG: Record<string, OptionSpec> = {
  config: { type: 'string', value: 'FILE', help: 'config file (default config/smx.yaml)' },
};
const JSON_OUT: Record<string, OptionSpec> = { json: { type: 'boolean', help: 'prints JSON' } };
const ASK: Record<string, OptionSpec> = {
  token: {
    type: 'string',
    value: 'TOKEN',
    help: 'token to act under (default $SMX_TOKEN, else the secret file on the box)',
  },
  url: { type: 'string', value: 'URL', help: 'address of the core (default: what the config says)' },
};
const CLIENT = { ...HELP, ...CONFIG, ...JSON_OUT, ...ASK };

/** Every command of this version. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'run',
    usage: '',
    summary: 'runs the core in the foreground; SIGTERM ends it cleanly within 10 s',
    least: 0,
    most: 0,
    options: { ...HELP, ...CONFIG },
    load: async () => {
      stayLean();
      return (await import('./commands/run.js')).run;
    },
  },
  {
    name: 'demo',
    usage: '[--speed N]',
    summary: 'runs a virtual site and a core on it, and prints page, its user, broker and a token per demo role',
    least: 0,
    most: 0,
    options: {
      ...HELP,
      ...CONFIG,
      speed: {
        type: 'string',
        value: 'N',
        help: "factor of the virtual site's clock (default 1); the core keeps real time",
      },
    },
    load: async () => {
      stayLean();
      return (await import('./commands/demo.js')).demo;
    },
  },
  {
    name: 'sim',
    usage: '[--config FILE]',
    summary:
      'runs only the virtual site: a house with its P1 and DLMS meters, steered by lines of JSON on standard input',
    least: 0,
    most: 0,
    options: {
      ...HELP,
      config: { type: 'string', value: 'FILE', help: 'site file, JSON (default: one Belgian meter at 127.0.0.1:2001)' },
    },
    load: async () => (await import('./commands/sim.js')).sim,
  },
  {
    name: 'doctor',
    usage: '',
    summary: 'tells what is wrong with this box and what to do; exit 1 where something is',
    least: 0,
    most: 0,
    options: CLIENT,
    load: async () => (await import('./commands/doctor.js')).doctor,
  },
  {
    name: 'check',
    usage: '',
    summary:
      'validates config, roles and extension configs without running third-party code: `file:line:col path: what is wrong, what was expected`, where `.` is a whole file and `warning:` behind the path leaves the status at 0',
    least: 0,
    most: 0,
    options: { ...HELP, ...CONFIG, ...JSON_OUT },
    load: async () => (await import('./commands/check.js')).check,
  },
  {
    name: 'points',
    usage: '[FILTER]',
    summary: 'lists the points this principal may read, with unit, kind and type',
    least: 0,
    most: 1,
    options: CLIENT,
    load: async () => (await import('./commands/points.js')).points,
  },
  {
    name: 'read',
    usage: 'FILTER',
    summary: 'prints values as they are now',
    least: 1,
    most: 1,
    options: CLIENT,
    load: async () => (await import('./commands/points.js')).read,
  },
  {
    name: 'watch',
    usage: 'FILTER',
    summary: 'prints values as they change',
    least: 1,
    most: 1,
    options: { ...CLIENT, count: { type: 'string', value: 'N', help: 'ends after N values' } },
    load: async () => (await import('./commands/watch.js')).watch,
  },
  {
    name: 'history',
    usage: 'FILTER --from T --to T [--every D --as mean] [--csv]',
    summary: 'prints history; T is ISO 8601, ms UTC, or a duration before now like 1h',
    least: 1,
    most: 1,
    options: {
      ...CLIENT,
      from: { type: 'string', value: 'T', help: 'start, not included (default 1h)' },
      to: { type: 'string', value: 'T', help: 'end, included (default now)' },
      every: { type: 'string', value: 'D', help: 'window length like 15m' },
      as: { type: 'string', value: 'AS', help: 'last, mean, min, max, sum or delta' },
      csv: { type: 'boolean', help: 'prints CSV' },
    },
    load: async () => (await import('./commands/history.js')).history,
  },
  {
    name: 'write',
    usage: 'POINT VALUE --for D [--reason TEXT]',
    summary:
      'commands a set-point, waits for the outcome and prints it; exit 1 where it is not verified or clamped by a limit. With `--json` the record of the command, of a refused one too (`outcome` is `refused`, `code` says why); an error only where there is no command yet',
    least: 2,
    most: 2,
    options: {
      ...CLIENT,
      for: { type: 'string', value: 'D', help: 'how long it holds, like 15m; then the default is put back' },
      reason: { type: 'string', value: 'TEXT', help: 'why, for the record' },
    },
    load: async () => (await import('./commands/write.js')).write,
  },
  {
    name: 'token',
    usage: 'create --role R [--name N] [--alias A] [--expires D] | list | revoke NAME',
    summary: 'makes, lists and revokes tokens, whether or not the core runs',
    least: 1,
    most: 2,
    options: {
      ...CLIENT,
      role: { type: 'string', value: 'R', help: 'role of the token' },
      name: { type: 'string', value: 'N', help: 'name of the token (default: the role)' },
      alias: { type: 'string', value: 'A', help: 'replaces the site id in the topics of this party' },
      expires: { type: 'string', value: 'D', help: 'how long it is valid, like 31d (default: for ever)' },
    },
    load: async () => (await import('./commands/token.js')).token,
  },
  {
    name: 'user',
    usage: 'add NAME --role R | passwd NAME | list | remove NAME',
    summary: 'users of the page, whether or not the core runs; the password is asked for or read from stdin',
    least: 1,
    most: 2,
    options: { ...CLIENT, role: { type: 'string', value: 'R', help: 'role of the user' } },
    load: async () => (await import('./commands/user.js')).user,
  },
  {
    name: 'grants',
    usage: 'ROLE',
    summary: 'shows what a role gets right now: points, values as it would see them, commands and bounds',
    least: 1,
    most: 1,
    options: CLIENT,
    load: async () => (await import('./commands/grants.js')).grants,
  },
  {
    name: 'ledger',
    usage: 'verify [--export FILE [--key NAME]] | export [--party NAME]',
    summary:
      'checks ledger, load profiles and files of events, or an export away from the box; prints an export, a JSON line each, whether or not the core runs',
    least: 1,
    most: 2,
    options: {
      ...CLIENT,
      party: { type: 'string', value: 'NAME', help: 'only what concerns this party; not verifiable alone' },
      export: { type: 'string', value: 'FILE', help: 'checks this export, from nothing but itself' },
      key: { type: 'string', value: 'NAME', help: 'names of the device keys to trust, with commas (default: any)' },
    },
    load: async () => (await import('./commands/ledger.js')).ledger,
  },
  {
    name: 'backup',
    usage: 'FILE [--with-secrets]',
    summary: 'writes a consistent copy of all the box keeps to FILE, whether or not the core runs',
    least: 1,
    most: 1,
    options: {
      ...CLIENT,
      'with-secrets': { type: 'boolean', help: 'users, tokens and the device key too; keep such a file like a key' },
    },
    load: async () => (await import('./commands/backup.js')).backup,
  },
  {
    name: 'restore',
    usage: 'FILE',
    summary: 'puts a backup in the place of what the data folder has, which is moved aside; the core must not run',
    least: 1,
    most: 1,
    options: { ...HELP, ...CONFIG, ...JSON_OUT },
    load: async () => (await import('./commands/backup.js')).restore,
  },
  {
    name: 'erase',
    usage: 'FILTER --before T',
    summary: 'erases samples and 15-minute windows of points of before T for good; profiles, events and ledger stay',
    least: 1,
    most: 1,
    options: {
      ...CLIENT,
      before: { type: 'string', value: 'T', help: 'ISO 8601, ms UTC, or a duration before now like 90d' },
    },
    load: async () => (await import('./commands/erase.js')).erase,
  },
  {
    name: 'extensions',
    usage: '[restart ID]',
    summary: 'lists the instances with their state, or restarts one',
    least: 0,
    most: 2,
    options: CLIENT,
    load: async () => (await import('./commands/extensions.js')).extensions,
  },
  {
    name: 'links',
    usage: '',
    summary: 'lists the links with their state and how far their streams are',
    least: 0,
    most: 0,
    options: CLIENT,
    load: async () => (await import('./commands/links.js')).links,
  },
  {
    name: 'call',
    usage: 'INSTANCE NAME [ARGS]',
    summary: 'calls what an instance offers; ARGS is a JSON object, or key=value each',
    least: 2,
    most: 50,
    options: CLIENT,
    load: async () => (await import('./commands/call.js')).call,
  },
  {
    name: 'discover',
    usage: '[USE] [SOURCE]',
    summary:
      'lists what is installed and the serial ports, or tells what an extension finds on a line (default: each serial port)',
    least: 0,
    most: 2,
    options: CLIENT,
    load: async () => (await import('./commands/discover.js')).discover,
  },
  {
    name: 'record',
    usage: 'INSTANCE FILE [--for D] [--line N]',
    summary:
      'writes the raw bytes of a line of an instance to a capture, until Ctrl-C; they may hold personal data and passwords',
    least: 2,
    most: 2,
    options: {
      ...CLIENT,
      for: { type: 'string', value: 'D', help: 'ends by itself after this time' },
      line: {
        type: 'string',
        value: 'N',
        help: 'which line of the instance, from 1 as `smx extensions --json` lists them',
      },
    },
    load: async () => (await import('./commands/record.js')).record,
  },
  {
    name: 'replay',
    usage: 'FILE [--use NAME | --instance ID] [--values JSON]',
    summary: 'runs a capture through its driver in virtual time and prints what it sets',
    least: 1,
    most: 1,
    options: {
      ...HELP,
      ...CONFIG,
      ...JSON_OUT,
      use: {
        type: 'string',
        value: 'NAME',
        help: 'extension that reads it, an installed one without any permission (default: what the config reads that source with, else p1-reader)',
      },
      instance: { type: 'string', value: 'ID', help: 'instance of the config whose extension and config read it' },
      values: { type: 'string', value: 'JSON', help: 'config of the extension, over that of the instance' },
    },
    load: async () => (await import('./commands/replay.js')).replay,
  },
  {
    name: 'extension',
    usage: 'new NAME [--dir D] | test DIR [--values JSON] [--watch D] | link DIR',
    summary: 'makes a package of an extension that builds and tests; runs the contract suite against one',
    least: 2,
    most: 2,
    options: {
      ...HELP,
      ...CONFIG,
      ...JSON_OUT,
      dir: { type: 'string', value: 'D', help: 'folder in which the new package is made (default: here)' },
      values: { type: 'string', value: 'JSON', help: 'config for the test (default: test-config.json of the package)' },
      watch: { type: 'string', value: 'D', help: 'how long the package is watched (default 3s)' },
    },
    load: async () => (await import('./commands/extension.js')).extension,
  },
];
