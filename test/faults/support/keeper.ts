import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const CHILD = join(process.cwd(), 'test/faults/children/keeper.cjs');

/** A line of `children/keeper.cjs`. */
export interface Fact {
  /** ms that the opening took. */
  readonly opened?: number;
  readonly epoch?: number;
  /** Samples of this minute were ingested. */
  readonly given?: number;
  /** So many samples more were. */
  readonly flood?: number;
  /** All of this minute is durable, as the store said. */
  readonly kept?: number;
  readonly refused?: number;
  readonly code?: string;
  /** Batch that was handed out, and the hash of its content. */
  readonly batch?: number;
  readonly hash?: string;
  readonly why?: string;
  /** Batches up to it were acknowledged. */
  readonly acked?: number;
  /** Code of the fault that began, null where it ended. */
  readonly fault?: string | null;
  readonly closed?: true;
  readonly failed?: string;
  readonly message?: string;
}

/** A store in a process of its own that is given one of everything a minute. */
export class Keeper {
  readonly facts: Fact[] = [];
  readonly exited: Promise<number | null>;
  private readonly child: ChildProcess;
  private readonly waiting = new Set<() => void>();
  private ended = false;
  errors = '';

  constructor(o: { dir: string; first: number; count?: number; env?: Readonly<Record<string, string>> }) {
    const args = [CHILD, o.dir, String(o.first), ...(o.count === undefined ? [] : [String(o.count)])];
    this.child = spawn(process.execPath, args, {
      env: { ...process.env, ...o.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    const lines = createInterface({ input: this.child.stdout! });
    lines.on('line', (line) => {
      // the last line may be torn by the kill
      if (!line.endsWith('}')) return;
      this.facts.push(JSON.parse(line) as Fact);
      this.wake();
    });
    const [closed, read] = [
      new Promise<number | null>((resolve) => this.child.once('close', (code) => resolve(code))),
      new Promise<void>((resolve) => lines.once('close', resolve)),
    ];
    this.exited = Promise.all([closed, read]).then(([code]) => {
      this.ended = true;
      this.wake();
      return code;
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** Has the next minute bring more samples than the store can hold in memory. */
  flood(): void {
    this.child.kill('SIGUSR2');
  }

  /** Has it close the store and end. */
  end(): void {
    this.child.kill('SIGTERM');
  }

  /** Resolves once a fact, from number `from` on, is so, or the process has ended. */
  async until(isSo: (fact: Fact, i: number) => boolean, from = 0): Promise<Fact | undefined> {
    for (let at = from; ;) {
      for (; at < this.facts.length; at++) if (isSo(this.facts[at]!, at)) return this.facts[at];
      if (this.ended) return undefined;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.waiting.delete(wake);
          resolve();
        };
        this.waiting.add(wake);
      });
    }
  }

  private wake(): void {
    for (const wake of [...this.waiting]) wake();
  }
}
