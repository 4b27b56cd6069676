/** How long chores may keep the thread before others get a turn, ms. */
const TURN = 10;

export type Chore = Generator<undefined, void>;

/**
 * Work that has time: it goes on between requests, a turn at a time, so that neither commits nor reads wait for it. What
 * a chore throws ends it; it is begun anew when it is next asked for.
 */
export class Chores {
  private running: Chore | undefined;
  private resting: (() => void)[] = [];
  private stopped = false;

  constructor(
    private readonly options: {
      /** The chore that is due next, undefined where none is. */
      readonly next: () => Chore | undefined;
      /** Told when a chore is done, and when none is due. */
      readonly done: () => void;
      readonly failed: (error: unknown) => void;
    },
  ) {}

  /** Looks for work, where none goes on. */
  wake(): void {
    if (this.running !== undefined) return;
    try {
      if (!this.stopped) this.running = this.options.next();
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.running !== undefined) setImmediate(() => this.turn());
    else {
      this.options.done();
      this.rest();
    }
  }

  /** Calls back once nothing is due, also where that is because a chore failed. */
  settled(then: () => void): void {
    this.resting.push(then);
    this.wake();
  }

  /** Ends what goes on where it stands. */
  stop(): void {
    this.stopped = true;
    this.running?.return();
    this.running = undefined;
    this.rest();
  }

  private turn(): void {
    const { running } = this;
    if (running === undefined) return;
    const end = performance.now() + TURN;
    try {
      let done = false;
      while (!done && performance.now() < end) done = running.next().done === true;
      if (!done) {
        setImmediate(() => this.turn());
        return;
      }
    } catch (error) {
      this.fail(error);
      return;
    }
    this.running = undefined;
    this.options.done();
    this.wake();
  }

  private fail(error: unknown): void {
    this.running = undefined;
    this.options.failed(error);
    this.rest();
  }

  private rest(): void {
    const resting = this.resting;
    this.resting = [];
    for (const then of resting) then();
  }
}
