import { describeError, type HistorySource, type Log } from '@smx-edge/model';
import type { Form } from './form.js';

export interface WindowSeederOptions {
  readonly history: HistorySource;
  readonly log: Log;
  /** Called after a form got what history has. */
  readonly seeded: () => void;
}

/**
 * Gives windows that begin anew (start of the box, new role) what history holds of them: the last closed window and
 * the samples of the running one, so that a quarter-hour mean does not take a quarter of an hour to come back. One
 * query at a time: the store has other work at such a moment.
 */
export class WindowSeeder {
  private readonly queue: Form[] = [];
  private running: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly options: WindowSeederOptions) {}

  add(form: Form): void {
    if (form.seedQueries === undefined) return;
    this.queue.push(form);
    this.running ??= this.run();
  }

  /** Resolves once every form that waits now has its history. */
  async settled(): Promise<void> {
    await this.running;
  }

  close(): void {
    this.closed = true;
    this.queue.length = 0;
  }

  private async run(): Promise<void> {
    // what calls `add` is still compiling
    await Promise.resolve();
    for (let form = this.queue.shift(); form !== undefined; form = this.queue.shift()) {
      try {
        await this.seed(form);
      } catch (error) {
        this.options.log.warn('a window begins without its history', { error: describeError(error) });
      }
    }
    this.running = undefined;
  }

  private async seed(form: Form): Promise<void> {
    const queries = form.users > 0 ? form.seedQueries : undefined;
    if (queries === undefined) return;
    for await (const rows of this.options.history.history(queries.closed)) {
      const row = rows.at(-1);
      if (this.closed) return;
      if (row !== undefined) form.seedClosed(row);
    }
    if (queries.running !== undefined)
      for await (const rows of this.options.history.history(queries.running)) {
        if (this.closed) return;
        form.seedRunning(rows);
      }
    this.options.seeded();
  }
}
