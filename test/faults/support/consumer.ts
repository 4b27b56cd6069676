import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Postgres } from '../../../apps/gesscon/test-support/postgres.js';

const GESSCON = join(process.cwd(), 'bin/gesscon.js');

/** A worker of gesscon, started again as often as it ends, as a supervisor of services does. */
export class Consumer {
  private child: ChildProcess | undefined;
  private isWanted = true;
  private said = '';

  constructor(private readonly config: string) {
    this.start();
  }

  /** Resolves once it has spoken to the broker after its last start. */
  async up(): Promise<void> {
    while (!this.said.includes('connected to the broker')) await pause(20);
  }

  /** kill -9; it comes up again by itself. */
  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.child!.once('close', resolve));
    this.child!.kill('SIGKILL');
    await gone;
  }

  async end(): Promise<void> {
    this.isWanted = false;
    await this.kill();
  }

  private start(): void {
    this.said = '';
    const args = [GESSCON, 'run', '--config', this.config];
    const child = (this.child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] }));
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.said += text));
    child.once('close', () => {
      if (this.isWanted) this.start();
    });
  }
}

/** kill -9 of the server with all of its processes, and starts it again. */
export async function killPostgres(postgres: Postgres): Promise<void> {
  const folder = new URL(postgres.url).searchParams.get('host')!;
  const [pid] = readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n').map(Number);
  const children = readFileSync(`/proc/${pid!}/task/${pid!}/children`, 'utf8');
  for (const one of [pid!, ...children.split(' ').filter(Boolean).map(Number)]) killIfThere(one);
  await postgres.start();
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
