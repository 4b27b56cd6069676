import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type MqttClient } from 'mqtt';

const root = process.cwd();
const smx = join(root, 'bin/smx.js');

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

export interface CoreOptions {
  /** The `extensions:` section. */
  readonly extensions: Readonly<Record<string, unknown>>;
  /** The `links:` section. */
  readonly links?: Readonly<Record<string, unknown>>;
  /** Calls that the token may make. */
  readonly calls?: readonly string[];
}

/** A real core, started as an operator starts it, on a folder of its own. */
export class BenchCore {
  private process: ChildProcess | undefined;
  private constructor(
    readonly folder: string,
    readonly http: number,
    readonly broker: number,
    readonly token: string,
  ) {}

  static async prepare({ extensions, links = {}, calls = [] }: CoreOptions): Promise<BenchCore> {
    const folder = mkdtempSync(join(tmpdir(), 'smx-bench-'));
    const [http, broker] = [await freePort(), await freePort()];
    cpSync(join(root, 'test/fixtures/packages'), join(folder, 'packages'), { recursive: true });
    writeFileSync(
      join(folder, 'roles.yaml'),
      JSON.stringify({
        roles: {
          all: {
            grants: [{ read: ['#'], history: ['#'], profiles: ['#'], ...(calls.length > 0 && { call: calls }) }],
          },
        },
      }),
    );
    const config = {
      site: 'bench',
      timezone: 'Europe/Brussels',
      data: './var',
      packages: './packages',
      roles: './roles.yaml',
      http: { port: http },
      broker: { port: broker },
      extensions,
      links,
    };
    writeFileSync(join(folder, 'smx.yaml'), JSON.stringify(config));
    const made = spawnSync(process.execPath, [
      smx,
      'token',
      'create',
      '--role',
      'all',
      '--json',
      '--config',
      join(folder, 'smx.yaml'),
    ]);
    if (made.status !== 0) throw new Error(`no token could be made: ${made.stdout.toString()}`);
    const { token } = JSON.parse(made.stdout.toString()) as { token: string };
    return new BenchCore(folder, http, broker, token);
  }

  /** A user of the page; its role is `owner`. */
  addUser(name: string, password: string): void {
    const args = [smx, 'user', 'add', name, '--role', 'owner', '--config', join(this.folder, 'smx.yaml')];
    const { status, stderr } = spawnSync(process.execPath, args, { input: `${password}\n`, encoding: 'utf8' });
    if (status !== 0) throw new Error(`no user could be made: ${stderr}`);
  }

  get pid(): number {
    return this.process?.pid ?? 0;
  }

  start(): void {
    this.process = spawn(process.execPath, [smx, 'run', '--config', join(this.folder, 'smx.yaml')], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  /** A subscriber of the own tree that keeps trying until the broker is up. */
  subscriber(topic: string): MqttClient {
    const client = connect(`mqtt://127.0.0.1:${this.broker}`, {
      username: 'all',
      password: this.token,
      reconnectPeriod: 10,
      connectTimeout: 2000,
    });
    client.on('error', () => undefined);
    client.on('connect', () => client.subscribe(topic));
    client.stream.on('error', () => undefined);
    return client;
  }

  async stop(): Promise<void> {
    const running = this.process;
    if (running === undefined) return;
    const ended = new Promise<void>((resolve) => running.once('exit', () => resolve()));
    running.kill('SIGTERM');
    await ended;
    this.process = undefined;
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
