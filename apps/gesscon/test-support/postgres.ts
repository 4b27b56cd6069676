import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { Client } from 'pg';

const DEBIAN = '/usr/lib/postgresql';
/** Who runs the server where we are root, which it refuses to be. */
const NOBODY = 'nobody';

/** A PostgreSQL of its own in a temporary folder, reached by its Unix socket only. */
export interface Postgres {
  readonly url: string;
  stop(how?: 'SIGINT' | 'SIGQUIT'): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** Folder of the server's programs; undefined where it is not installed. */
export function postgresPrograms(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(DEBIAN, version, 'bin')).find((folder) => existsSync(join(folder, 'initdb')));
}

/** `settings`: `-c` options of the server. */
export async function startPostgres(settings: readonly string[] = []): Promise<Postgres> {
  const programs = postgresPrograms();
  if (programs === undefined) throw new TypeError('PostgreSQL is not installed: apt-get install postgresql');
  const folder = mkdtempSync('/tmp/smx-pg-');
  const isRoot = userInfo().uid === 0;
  if (isRoot) chownSync(folder, ...ownerOf(NOBODY));
  const as = (program: string, args: readonly string[]): [string, string[]] => {
    const path = join(programs, program);
    return isRoot
      ? ['setpriv', [`--reuid=${NOBODY}`, '--regid=nogroup', '--clear-groups', path, ...args]]
      : [path, [...args]];
  };
  const data = join(folder, 'data');
  // cwd: it must be able to look at where it stands
  const [make, how] = as('initdb', ['-D', data, '-U', 'gesscon', '--auth=trust', '--encoding=UTF8', '--no-sync']);
  execFileSync(make, how, { cwd: folder, stdio: 'ignore' });
  const url = `postgres://gesscon@localhost/postgres?host=${encodeURIComponent(folder)}`;
  let child: ChildProcess | undefined;
  const args = ['-D', data, '-k', folder, '-c', 'listen_addresses=', ...settings.flatMap((one) => ['-c', one])];
  const [program, rest] = as('postgres', args);
  const start = (): Promise<void> =>
    answering(url, () => {
      // after a kill it ends at once while a process of the one before still has its memory
      if (child === undefined || hasEnded(child)) child = spawn(program, rest, { cwd: folder, stdio: 'ignore' });
    });
  const stop = async (signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || hasEnded(running)) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await gone;
  };
  await start();
  return {
    ...{ url, start, stop },
    async remove() {
      await stop('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A client of its own. */
export async function connectPostgres({ url }: Pick<Postgres, 'url'>): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}

function ownerOf(user: string): [uid: number, gid: number] {
  const id = (what: string): number => Number(execFileSync('id', [what, user], { encoding: 'utf8' }));
  return [id('-u'), id('-g')];
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

/** Resolves once the server answers; `run` has it running, before each time it is asked. */
async function answering(url: string, run: () => void): Promise<void> {
  const end = Date.now() + 60_000;
  for (;;) {
    run();
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
