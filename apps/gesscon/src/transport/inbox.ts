import type { Uplink } from './uplink.js';

/** Most messages that are handled together. */
const MOST = 2000;

export interface InboxOptions {
  /** Handles messages; never rejects. */
  readonly take: (uplinks: readonly Uplink[]) => Promise<void>;
  /** How long the first message of a group waits for others, ms. */
  readonly linger: number;
}

/** Messages that wait while those before them are handled: the longer a commit takes, the more the next one holds. */
export class Inbox {
  private waiting: Uplink[] = [];
  private running: Promise<void> | undefined;

  constructor(private readonly o: InboxOptions) {}

  get isFull(): boolean {
    return this.waiting.length >= MOST;
  }

  push(uplink: Uplink): void {
    this.waiting.push(uplink);
    this.running ??= this.run();
  }

  /** Resolves once everything that came was handled. */
  async drained(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      if (this.o.linger > 0) await new Promise((resolve) => setTimeout(resolve, this.o.linger));
      await this.o.take(this.waiting.splice(0, MOST));
    }
    this.running = undefined;
  }
}
