import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SMX = join(__dirname, '../../bin/smx.js');

export interface Outcome {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Between two looks, ms: at what is here; at most, at what a box has to be asked for, which costs it as well. */
const LOOK = { near: 20, far: 100 };

export async function until<T>(probe: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (let wait = LOOK.near; ;) {
    const answer = probe();
    if (answer instanceof Promise) wait = Math.min(wait * 1.2, LOOK.far);
    const found = await answer;
    if (found !== undefined && found !== null && found !== false) return found;
    await sleep(wait);
  }
}

/** A running `smx` with what it has written so far. */
export class Running {
  out = '';
  err = '';
  private constructor(readonly child: ChildProcess) {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.out += text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.err += text));
  }

  static start(args: readonly string[], env: Record<string, string> = {}): Running {
    const own = { ...process.env };
    delete own['SMX_TOKEN'];
    delete own['NOTIFY_SOCKET'];
    return new Running(
      // as it is installed, with the environment that its first line gives it
      spawn(SMX, args, { env: { ...own, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }),
    );
  }

  async ended(): Promise<Outcome> {
    if (this.child.exitCode === null && this.child.signalCode === null)
      await new Promise((resolve) => this.child.once('close', resolve));
    return { status: this.child.exitCode, out: this.out, err: this.err };
  }
}

/** A folder with a config, and cores and commands on it. */
export class Box {
  readonly folder = mkdtempSync(join(tmpdir(), 'smx-e2e-'));
  readonly config = join(this.folder, 'smx.yaml');
  private readonly running: Running[] = [];

  constructor(extra = '', essentials = 'site: test\ndata: ./var\nhttp: { port: 0 }\nbroker: { port: 0 }\n') {
    this.write(essentials + extra);
  }

  write(text: string): void {
    writeFileSync(this.config, text);
  }

  smx(args: readonly string[], env?: Record<string, string>): Promise<Outcome> {
    return this.start(args, env).ended();
  }

  start(args: readonly string[], env?: Record<string, string>): Running {
    const [command, ...rest] = args;
    const started = Running.start([command!, '--config', this.config, ...rest], env);
    this.running.push(started);
    return started;
  }

  /** A core that answers; its address. */
  async core(env?: Record<string, string>): Promise<{ core: Running; url: string; broker: { port: number } | null }> {
    const core = this.start(['run'], env);
    const file = join(this.folder, 'var/run/core.json');
    const { http, broker } = await until(() => {
      if (core.child.exitCode !== null) throw new Error(`the core ended: ${core.out}${core.err}`);
      if (!existsSync(file)) return undefined;
      const state = JSON.parse(readFileSync(file, 'utf8')) as {
        pid: number;
        http: string;
        broker: { port: number } | null;
      };
      return state.pid === core.child.pid ? state : undefined;
    });
    return { core, url: http, broker };
  }

  async remove(): Promise<void> {
    for (const process of this.running) {
      process.child.kill('SIGKILL');
      await process.ended();
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function stop(core: Running): Promise<Outcome> {
  core.child.kill('SIGTERM');
  return core.ended();
}
