import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from '@smx-edge/model';
import type { Uplink } from './uplink.js';

/** Most messages that are handled together. */
const MOST = 2000;
/** Most between two tries to handle what was put back, ms. */
const LONGEST_PAUSE = 5000;

export interface InboxOptions {
  /** Handles messages; never rejects. False: they are to be handled again, later. */
  readonly take: (uplinks: readonly Uplink[]) => Promise<boolean>;
  /** How long the first message of a group waits for others, ms. */
  readonly linger: number;
}

/** Messages that wait while those before them are handled: the longer a commit takes, the more the next one holds. */
export class Inbox {
  private waiting: Uplink[] = [];
  private running: Promise<void> | undefined;
  private readonly backoff = new Backoff(LONGEST_PAUSE);
  private readonly ending = new AbortController();

  constructor(private readonly o: InboxOptions) {}

  get isFull(): boolean {
    return this.waiting.length >= MOST;
  }

  push(uplink: Uplink): void {
    this.waiting.push(uplink);
    this.running ??= this.run();
  }

  /** Resolves once everything that came was handled, or could not be at the last try. */
  async drained(): Promise<void> {
    this.ending.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { take, linger } = this.o;
    while (this.waiting.length > 0) {
      if (linger > 0) await sleep(linger);
      const group = this.waiting.splice(0, MOST);
      if (await take(group)) this.backoff.reset();
      else if (this.ending.signal.aborted) break;
      else {
        this.waiting.unshift(...group);
        await sleep(this.backoff.next(), undefined, { signal: this.ending.signal }).catch(() => undefined);
      }
    }
    this.running = undefined;
  }
}
