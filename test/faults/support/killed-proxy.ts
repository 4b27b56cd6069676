import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const CHILD = join(process.cwd(), 'test/faults/children/ocpp-proxy.cjs');

/** What the proxy does wrong on purpose, so that the oracle is seen to find it. */
export type Wrong = 'drop' | 'twice';

/** The shipped proxy in a process of its own, killed and there again at once: the next one waits with all loaded. */
export class KilledProxy {
  private live: ChildProcess;
  private spare: ChildProcess;

  private constructor(private readonly args: readonly string[]) {
    this.live = this.load();
    this.spare = this.load();
    begin(this.live);
  }

  static start(config: object, wrong?: Wrong): KilledProxy {
    return new KilledProxy([CHILD, JSON.stringify(config), ...(wrong === undefined ? [] : [wrong])]);
  }

  /** Kills it, and has the next one begin once its port is free. */
  async kill(): Promise<void> {
    await end(this.live);
    this.live = this.spare;
    this.spare = this.load();
    begin(this.live);
  }

  async stop(): Promise<void> {
    await Promise.all([end(this.live), end(this.spare)]);
  }

  private load(): ChildProcess {
    const child = spawn(process.execPath, this.args, { stdio: ['pipe', 'ignore', 'inherit'] });
    // it may be killed before it reads
    child.stdin.on('error', () => {});
    return child;
  }
}

const begin = (child: ChildProcess): boolean => child.stdin!.write('\n');

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
