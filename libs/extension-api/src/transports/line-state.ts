import { describeError } from '@smx-edge/model';
import type { Connector } from './connector.js';
import { LineFault } from './fault.js';
import type { LineOptions, LineReason, LineState, LineStatus } from './types.js';

/** A connection that ends sooner did not last, ms; after so many of them in a row the log is spared but for a line an hour. */
const LASTING = 60_000;
const FLAPS = 5;
const HOUR = 3_600_000;

interface MutableCounters {
  bytesIn: number;
  bytesOut: number;
  chunks: number;
  dropped: number;
  framesOk: number;
  framesBad: number;
  connects: number;
  failures: number;
  lastByteAt?: number;
  lastFrameAt?: number;
}

interface Change {
  readonly fault?: LineFault | undefined;
  readonly retryAt?: number | undefined;
}

/** Counters and state of one line, and who is told of them: the owner on each change, the log once per reason. */
export class LineStateKeeper {
  readonly counters: MutableCounters = {
    bytesIn: 0,
    bytesOut: 0,
    chunks: 0,
    dropped: 0,
    framesOk: 0,
    framesBad: 0,
    connects: 0,
    failures: 0,
  };
  private status: LineStatus = 'connecting';
  private since: number;
  private fault: LineFault | undefined;
  private retryAt: number | undefined;
  private logged: LineReason | undefined;
  /** When it was opened, of a monotonic clock; NaN while it is not open. */
  private opened = NaN;
  /** Connections in a row that did not last, and when the log was told of one. */
  private flaps = 0;
  private told = -Infinity;
  /** It was given up without a fault. */
  private isLeft = false;

  constructor(
    private readonly connector: Connector,
    private readonly options: LineOptions,
  ) {
    this.since = options.clock.now();
    if (connector.passive === true)
      this.fault = new LineFault('waiting', `${connector.label} waits for the other side to connect`);
  }

  get state(): LineState {
    return {
      source: this.connector.label,
      status: this.status,
      since: this.since,
      ...(this.fault === undefined ? {} : { reason: this.fault.reason, text: this.fault.message }),
      ...(this.retryAt === undefined ? {} : { retryAt: this.retryAt }),
      ...(this.connector.insecure === true ? { insecure: true } : {}),
      counters: { ...this.counters },
    };
  }

  connected(): void {
    this.counters.connects++;
    this.logged = undefined;
    this.opened = this.options.clock.monotonic();
    this.options.log[this.isLeft || this.isSpared ? 'debug' : 'info']('line open', { source: this.connector.label });
    this.isLeft = false;
    if (this.connector.insecure === true)
      this.options.log.warn('the certificate of the other side is not checked: the source says insecure', {
        source: this.connector.label,
      });
    this.set('no-bytes', {});
  }

  received(bytes: number, now: number): void {
    this.counters.bytesIn += bytes;
    this.counters.chunks++;
    this.counters.lastByteAt = now;
    if (this.status === 'no-bytes') this.set('no-frames', {});
  }

  frame(verdict: 'ok' | 'bad', connected: boolean): void {
    if (verdict === 'ok') this.counters.framesOk++;
    else this.counters.framesBad++;
    this.counters.lastFrameAt = this.options.clock.now();
    const status = verdict === 'ok' ? 'ok' : 'bad-frames';
    if (connected && this.status !== status) this.set(status, {});
  }

  noFrames(): void {
    if (this.status === 'ok' || this.status === 'bad-frames') this.set('no-frames', {});
  }

  lost(fault: LineFault, retryAt: number | undefined): void {
    if (!Number.isNaN(this.opened)) this.closed();
    if (this.logged !== fault.reason) {
      const fields = { source: this.connector.label, reason: fault.reason };
      if (this.isSpared) this.options.log.debug(fault.message, fields);
      else {
        this.told = this.options.clock.monotonic();
        this.options.log.warn(fault.message, this.flaps > FLAPS ? { ...fields, times: this.flaps } : fields);
      }
    }
    this.logged = fault.reason;
    this.set('connecting', { fault, retryAt });
  }

  /** Given up to be made anew, without a fault: nobody answered of whom nobody knows whether he is there. */
  left(): void {
    this.isLeft = true;
    this.set('connecting', {});
  }

  finished(fault: LineFault | undefined): void {
    this.set('closed', { fault });
  }

  /** What is opened and lost all day is told once an hour. */
  private get isSpared(): boolean {
    return this.flaps > FLAPS && this.options.clock.monotonic() - this.told < HOUR;
  }

  private closed(): void {
    this.flaps = this.options.clock.monotonic() - this.opened < LASTING ? this.flaps + 1 : 0;
    this.opened = NaN;
  }

  private set(status: LineStatus, change: Change): void {
    if (status !== this.status) this.since = this.options.clock.now();
    this.status = status;
    this.fault = change.fault;
    this.retryAt = change.retryAt;
    try {
      this.options.onState?.(this.state);
    } catch (error) {
      this.options.log.error('a listener of a line threw', {
        source: this.connector.label,
        error: describeError(error),
      });
    }
  }
}
