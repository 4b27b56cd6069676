import { Backoff, describeError, type Clock, type Disposable, type Log } from '@smx-edge/model';

/** Most between two tries, ms. */
const LONGEST_PAUSE = 15_000;

export interface OpeningOptions {
  /** Opens it, and reads what is needed from the first message on. */
  readonly open: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** Called once it is open. */
  readonly opened: () => Promise<void>;
}

/** The opening of a store whose database may be away: tried again until it is there. */
export class Opening {
  private readonly backoff = new Backoff(LONGEST_PAUSE);
  private timer: Disposable | undefined;
  private over = false;
  private trying: Promise<void> = Promise.resolve();

  constructor(private readonly o: OpeningOptions) {}

  start(): void {
    this.trying = this.try();
  }

  async stop(): Promise<void> {
    this.over = true;
    this.timer?.dispose();
    await this.trying;
  }

  private async try(): Promise<void> {
    const { open, clock, log, opened } = this.o;
    try {
      await open();
    } catch (error) {
      if (this.over) return;
      const pause = this.backoff.next();
      log.warn('the database is away; it is tried again', { error: describeError(error), pause });
      this.timer = clock.after(pause, () => this.start());
      return;
    }
    if (!this.over) await opened();
  }
}
