import type { VirtualClock } from '@smx-edge/model';
import type { CaptureRecord } from '../transports/capture.js';
import type { Connection, Connector, Sink } from '../transports/connector.js';
import { LineFault } from '../transports/fault.js';

/** Longest step of virtual time: timers of the driver run in order, and what they start gets its turn. */
const STEP = 1000;
/** How long the tape waits for the driver to write what was written when it was recorded, ms of virtual time. */
const TURN = 5000;
const TURN_STEP = 10;

/** A capture as the other end of a line: plays its records in virtual time to whoever has the line open. */
export class Tape {
  private sink: Sink | undefined;
  private written = 0;
  private paused = false;

  constructor(
    private readonly clock: VirtualClock,
    /** Lets everything that is under way come to rest. */
    private readonly settle: () => Promise<void>,
  ) {}

  get isOpen(): boolean {
    return this.sink !== undefined;
  }

  /** The first line that is opened gets the tape; another beside it stays silent. */
  connector(label: string): Connector {
    return {
      label,
      once: true,
      passive: true,
      leastIdle: Infinity,
      connect: (sink) => {
        if (this.sink !== undefined) return new Promise(() => {});
        this.sink = sink;
        return Promise.resolve(this.connection(sink));
      },
    };
  }

  /** Plays everything; `begin` is the wall clock of record time 0. */
  async play(records: readonly CaptureRecord[], begin: number): Promise<void> {
    let shift = begin;
    for (const { t, direction, bytes } of records) {
      await this.pass(shift + t);
      if (direction === 'in') {
        while (this.paused) await this.settle();
        this.sink?.data(bytes);
      } else if (direction === 'gap') this.sink?.gap('reconnect');
      else shift += await this.turn(bytes.length);
      await this.settle();
    }
    await this.pass(this.clock.now() + STEP);
    this.sink?.end(new LineFault('ended', 'the replay is over'));
    await this.settle();
  }

  private async pass(until: number): Promise<void> {
    for (let left = until - this.clock.now(); left > 0; left = until - this.clock.now()) {
      this.clock.advance(Math.min(STEP, left));
      await this.settle();
    }
  }

  /** Gives the virtual ms it waited. */
  private async turn(length: number): Promise<number> {
    let waited = 0;
    for (; this.written < length && waited < TURN; waited += TURN_STEP) {
      this.clock.advance(TURN_STEP);
      await this.settle();
    }
    this.written = Math.max(0, this.written - length);
    return waited;
  }

  private connection(sink: Sink): Connection {
    const done = (): Promise<void> => Promise.resolve();
    return {
      write: (bytes) => {
        this.written += bytes.length;
        return done();
      },
      pause: () => void (this.paused = true),
      resume: () => void (this.paused = false),
      close: () => {
        if (this.sink !== sink) return;
        this.sink = undefined;
        this.paused = false;
      },
      drain: done,
      flush: done,
      configure: done,
      break: done,
    };
  }
}
