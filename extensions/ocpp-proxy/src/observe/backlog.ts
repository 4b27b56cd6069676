import type { FrameWeight } from '@smx-edge/protocols/ocpp-j';

/** Frames with momentary values that wait to be looked into, all charge points together: beyond it they are passed on unseen. */
const MOST_MOMENTARY = 512;
/** Bytes that may wait of each weight. What tells of sessions, status or identity comes so seldom that only an attack meets it. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Bytes that one costs beside its own. */
const EACH = 256;
/** Looked into before relayed frames get their turn. */
const AT_ONCE = 16;
/** ms before a turn at least, and between two: answers on their way go first. */
const PAUSE = 5;
/** Times as long as the turn before it took: whatever comes, looks take no more than a twentieth of the time. */
const REST = 19;
/** ms between two turns at most. */
const LONGEST_PAUSE = 100;
/** ms that values wait for others while they come one by one: to wake up costs more than to look into many. */
const TOGETHER = 240;

interface Waiting {
  readonly weight: keyof Room;
  readonly bytes: number;
  run(): void;
}

interface Room {
  momentary: number;
  lasting: number;
}

/**
 * What is to be looked into, in order, a little at a time: what is relayed goes first. What tells of sessions, status or connections
 * is looked into at once, and so are values where none came lately.
 */
export class Backlog {
  private queue: Waiting[] = [];
  private momentary = 0;
  private readonly bytes: Room = { momentary: 0, lasting: 0 };
  private timer: NodeJS.Timeout | undefined;
  /** When the turn is that was asked for, ms; Infinity where none is. */
  private due = Infinity;
  /** When a turn may be at the earliest, ms. */
  private free = 0;
  /** When one was, ms. */
  private last = -Infinity;

  constructor(private readonly onError: (error: unknown) => void) {}

  /** A frame of so many bytes; false where there is no room for it. */
  frame(weight: Exclude<FrameWeight, 'nothing'>, bytes: number, run: () => void): boolean {
    const cost = bytes + EACH;
    if (this.bytes[weight] + cost > MOST_BYTES) return false;
    if (weight === 'momentary') {
      if (this.momentary >= MOST_MOMENTARY) return false;
      this.momentary += 1;
    }
    this.push({ weight, bytes: cost, run });
    return true;
  }

  /** What is never left out: that a connection came or went. */
  always(run: () => void): void {
    this.push({ weight: 'lasting', bytes: 0, run });
  }

  private push(waiting: Waiting): void {
    this.queue.push(waiting);
    this.bytes[waiting.weight] += waiting.bytes;
    const mayWait = waiting.weight === 'momentary' && this.queue.length < AT_ONCE;
    this.wake(mayWait ? Math.max(this.free, this.last + TOGETHER) : this.free);
  }

  private wake(due: number): void {
    if (due >= this.due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(this.drain, Math.max(PAUSE, due - performance.now()));
  }

  private readonly drain = (): void => {
    const began = performance.now();
    this.due = Infinity;
    for (const { weight, bytes, run } of this.queue.splice(0, AT_ONCE)) {
      this.bytes[weight] -= bytes;
      if (weight === 'momentary') this.momentary -= 1;
      try {
        run();
      } catch (error) {
        this.onError(error);
      }
    }
    this.last = performance.now();
    this.free = this.last + Math.min(LONGEST_PAUSE, Math.max(PAUSE, (this.last - began) * REST));
    if (this.queue.length > 0) this.wake(this.free);
  };
}
