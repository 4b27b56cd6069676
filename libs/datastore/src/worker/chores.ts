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
  /** What was asked for goes before what is due. */
  private readonly asked: { readonly chore: Chore; readonly then: (error?: unknown) => void }[] = [];
  private then: ((error?: unknown) => void) | undefined;
  private paused = 0;
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
    if (this.running !== undefined || this.paused > 0) return;
    try {
      if (!this.stopped) this.running = this.next();
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

  /** Does a chore before those that are due; tells `then` how it went. */
  run(chore: Chore, then: (error?: unknown) => void): void {
    this.asked.push({ chore, then });
    this.wake();
  }

  /** Lets all rest while `work` goes on; a chore under way stands still. */
  async pause<T>(work: () => Promise<T>): Promise<T> {
    this.paused++;
    try {
      return await work();
    } finally {
      this.paused--;
      if (this.paused === 0) {
        if (this.running === undefined) this.wake();
        else setImmediate(() => this.turn());
      }
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

  private next(): Chore | undefined {
    const asked = this.asked.shift();
    this.then = asked?.then;
    return asked?.chore ?? this.options.next();
  }

  private turn(): void {
    const { running } = this;
    if (running === undefined || this.paused > 0) return;
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
    this.then?.();
    this.options.done();
    this.wake();
  }

  private fail(error: unknown): void {
    this.running = undefined;
    this.then?.(error);
    this.options.failed(error);
    this.rest();
  }

  private rest(): void {
    const resting = this.resting;
    this.resting = [];
    for (const then of resting) then();
  }
}
