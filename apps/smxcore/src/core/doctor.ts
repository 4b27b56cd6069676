import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { detectIsolation, listPorts } from '@smx-edge/extension-host';
import { describeError } from '@smx-edge/model';
import { loadConfig, problemText, type Config } from '../config/index.js';
import { INSTALLATION } from '../version.js';
import { judgeClock } from './box-clock.js';
import { checkConfig } from './check.js';
import { storeFindings } from './doctor-store.js';
import type { Finding } from './finding.js';
import { goodConfigFile } from './good-config.js';
import { portIsFree } from './free-port.js';

const ok = (what: string, text: string): Finding => ({ what, state: 'ok', text });
const note = (what: string, text: string, help: string): Finding => ({ what, state: 'note', text, help });
const wrong = (what: string, text: string, help: string): Finding => ({ what, state: 'wrong', text, help });

const LEAST_FREE = 200 << 20;
const BUNDLES = ['libs/extension-host/dist/child.bundle.js', 'libs/extension-host/dist/replay.bundle.js'];

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const fits = (major > 20 || (major === 20 && minor >= 19)) && major < 27;
  return fits ? ok('node', process.version) : wrong('node', process.version, 'install Node 20.19 to 26');
}

function built(): Finding {
  const missing = BUNDLES.filter((file) => !existsSync(join(INSTALLATION, file)));
  return missing.length === 0
    ? ok('build', `complete in ${INSTALLATION}`)
    : wrong('build', `${missing.join(', ')} missing`, 'run `npm run build`');
}

function clock(now = Date.now()): Finding {
  const text = new Date(now).toISOString();
  const verdict = judgeClock(now);
  if (verdict === 'early')
    return wrong(
      'clock',
      `${text} is before this software was made`,
      'set the clock: enable a time service (timedatectl set-ntp true)',
    );
  if (verdict === 'unsynchronized')
    return note('clock', `${text}, not synchronized yet`, 'check that the box reaches a time server');
  return ok('clock', text);
}

function configFinding(file: string): Finding {
  const problems = checkConfig(file);
  if (problems.length === 0) return ok('config', file);
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const { config } = loadConfig(file);
  const good = config === undefined ? undefined : goodConfigFile(config.data);
  const before = good !== undefined && existsSync(good) ? `; as it last was without a fault it stands at ${good}` : '';
  return wrong('config', `${problemText(first!)}${more}`, `\`smx check\` tells each place${before}`);
}

function dataFolder({ data }: Config): Finding {
  if (!existsSync(data)) {
    const parent = dirname(data);
    const writable = existsSync(parent) && may(parent, constants.W_OK);
    return writable
      ? note('data', `${data} is not there yet`, 'the first `smx run` makes it')
      : wrong(
          'data',
          `${data} is not there and ${parent} is not writable`,
          'make the folder for the user of the service, mode 0700',
        );
  }
  if (isReadOnly(data))
    return wrong(
      'data',
      `the disk of ${data} is read-only`,
      'check it (after an error the kernel makes it so), then mount it again',
    );
  const { mode, uid } = statSync(data);
  if (!may(data, constants.R_OK | constants.W_OK | constants.X_OK))
    return wrong(
      'data',
      `${data} is not open to this user`,
      `run smx as the user that owns it (uid ${uid}), or chown it`,
    );
  return (mode & 0o077) === 0
    ? ok('data', data)
    : wrong('data', `${data} is open to others (mode ${(mode & 0o777).toString(8)})`, `chmod 0700 ${data}`);
}

function isReadOnly(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS';
  }
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch (error) {
    if ('code' in (error as NodeJS.ErrnoException)) return false;
    throw error;
  }
}

function disk({ data, history }: Config): Finding {
  let folder = data;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const text = `${Math.round(free / (1 << 20))} MiB free`;
  if (free < LEAST_FREE) return wrong('disk', text, 'free space: the store stops when the disk is full');
  return free < history.budget
    ? note('disk', `${text}, less than history.budget`, 'lower history.budget, or use a larger disk')
    : ok('disk', text);
}

function sandbox(): Finding {
  const { bubblewrap } = detectIsolation();
  return bubblewrap === undefined
    ? note(
        'sandbox',
        'bubblewrap is not there or does not work',
        'install bubblewrap (apt-get install bubblewrap) before you run packages of others',
      )
    : ok('sandbox', bubblewrap);
}

/** Serial ports that the config names, and those that are there. */
function serial({ instances }: Config): Finding[] {
  const found: Finding[] = [];
  for (const [name, { config }] of instances) {
    const { source } = config;
    const path = typeof source === 'string' ? /^(?:serial|modbus\+rtu):([^?]+)/.exec(source)?.[1] : undefined;
    if (path === undefined) continue;
    const what = `serial ${name}`;
    const ports = listPorts().map((port) => port.path);
    if (!existsSync(path))
      found.push(
        wrong(
          what,
          `${path} is not there`,
          `plug the adapter in; there ${ports.length === 0 ? 'is no port' : `are ${ports.join(', ')}`}`,
        ),
      );
    else if (!may(path, constants.R_OK | constants.W_OK))
      found.push(
        wrong(
          what,
          `${path} is not open to this user`,
          'add the user of the service to the group of the device (often dialout)',
        ),
      );
    else found.push(ok(what, path));
  }
  return found;
}

async function ports({ http, broker }: Config): Promise<Finding[]> {
  const wanted = [
    { what: 'port of http', ...http },
    ...(broker === null ? [] : [{ what: 'port of broker', ...broker }]),
  ];
  return Promise.all(
    wanted.map(async ({ what, host, port }) => {
      const at = `${host}:${port}`;
      if (port === 0) return ok(what, `${at}, any free one`);
      try {
        if (await portIsFree({ host, port })) return ok(what, `${at} is free`);
        return wrong(
          what,
          `${at} is taken by another program`,
          'end that program, or choose another port in the config',
        );
      } catch (error) {
        return wrong(what, `${at} cannot be used (${describeError(error)})`, 'choose another address in the config');
      }
    }),
  );
}

/** What can be seen of a box without asking its core; `running` = a core answers, so its ports are rightly taken. */
export async function examine(file: string, running: boolean): Promise<Finding[]> {
  const { config } = loadConfig(file);
  const findings = [node(), built(), clock(), configFinding(file), sandbox()];
  if (config === undefined) return findings;
  findings.push(dataFolder(config), disk(config), ...storeFindings(config, running), ...serial(config));
  if (!running) findings.push(...(await ports(config)));
  return findings;
}
