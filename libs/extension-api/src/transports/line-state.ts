import { describeError } from '@smx-edge/model';
import type { Connector } from './connector.js';
import { LineFault } from './fault.js';
import type { LineOptions, LineReason, LineState, LineStatus } from './types.js';

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
    this.options.log[this.isLeft ? 'debug' : 'info']('line open', { source: this.connector.label });
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
    if (this.logged !== fault.reason)
      this.options.log.warn(fault.message, { source: this.connector.label, reason: fault.reason });
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
