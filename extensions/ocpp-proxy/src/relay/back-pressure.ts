/** The side that may have to wait. */
export interface Source {
  pause(): void;
  resume(): void;
}

/** Bytes that may wait to be sent before their source pauses. */
const HIGH_WATER = 1024 * 1024;
const LOW_WATER = HIGH_WATER / 2;
/** Frames in a row of which none found the way free: each costs memory beside its bytes. */
const MOST_FRAMES = 4096;
/** ms without any byte sent after which a connection is given up. */
export const STUCK_AFTER = 60_000;

/** Pauses the source of one direction while its destination takes frames more slowly than they come. */
export class BackPressure {
  private timer: NodeJS.Timeout | undefined;
  private left = 0;
  private frames = 0;

  constructor(
    private readonly source: Source,
    /** Bytes that wait at the destination. */
    private readonly waiting: () => number,
    private readonly stuck: { readonly after: number; readonly do: () => void },
  ) {}

  /** What is to be called once the frame that follows is sent, where the source had to pause for it. */
  before(bytes: number): (() => void) | undefined {
    const waiting = this.waiting();
    this.frames = waiting === 0 ? 1 : this.frames + 1;
    if (waiting + bytes <= HIGH_WATER && this.frames <= MOST_FRAMES) return undefined;
    if (this.timer === undefined) {
      this.source.pause();
      this.left = waiting + bytes;
      this.timer = setInterval(() => this.look(), this.stuck.after);
    }
    return this.sent;
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.frames = 0;
  }

  private readonly sent = (): void => {
    if (this.timer === undefined || this.waiting() > LOW_WATER) return;
    this.stop();
    this.source.resume();
  };

  private look(): void {
    const waiting = this.waiting();
    if (waiting >= this.left) this.stuck.do();
    this.left = waiting;
  }
}
