/** Frames that wait to be looked into, all charge points together, and their bytes: beyond it they are passed on unseen. */
const MOST = 512;
const MOST_BYTES = 4 * 1024 * 1024;
/** Looked into before relayed frames get their turn. */
const AT_ONCE = 16;

interface Waiting {
  readonly bytes: number;
  run(): void;
}

/** What is to be looked into, in order, a little at a time: what is relayed goes first. */
export class Backlog {
  private queue: Waiting[] = [];
  private bytes = 0;
  private isAwake = false;

  constructor(private readonly onError: (error: unknown) => void) {}

  /** A frame of so many bytes; false where there is no room for it. */
  frame(bytes: number, run: () => void): boolean {
    if (this.queue.length >= MOST || this.bytes + bytes > MOST_BYTES) return false;
    this.push({ bytes, run });
    return true;
  }

  /** What is never left out: that a connection came or went. */
  always(run: () => void): void {
    this.push({ bytes: 0, run });
  }

  private push(waiting: Waiting): void {
    this.queue.push(waiting);
    this.bytes += waiting.bytes;
    if (!this.isAwake) setImmediate(this.drain);
    this.isAwake = true;
  }

  private readonly drain = (): void => {
    for (const { bytes, run } of this.queue.splice(0, AT_ONCE)) {
      this.bytes -= bytes;
      try {
        run();
      } catch (error) {
        this.onError(error);
      }
    }
    this.isAwake = this.queue.length > 0;
    if (this.isAwake) setImmediate(this.drain);
  };
}
