import { Backoff, describeError, SmxError, type Disposable } from '@smx-edge/model';
import { ChunkQueue } from './chunk-queue.js';
import type { Connection, Connector, Sink } from './connector.js';
import { faultOf, LineFault } from './fault.js';
import { LineStateKeeper } from './line-state.js';
import { LineWatch } from './line-watch.js';
import type { GapKind, Line, LineCounters, LineOptions, LineSettings, LineState, Recorder } from './types.js';

const IDLE = 30_000;
const CONNECT_TIMEOUT = 10_000;
const BUFFER = 256 * 1024;
/** Most between two tries to connect or listen, ms. */
export const LONGEST_PAUSE = 60_000;
/** Between two looks for a device that is not there, ms. */
const LOOK = 1000;
const NOTHING = new Uint8Array(0);

/** A line over any connector: connects, mends, watches, counts, records, and holds the source back for a slow reader. */
export class ReconnectingLine implements Line {
  private readonly queue: ChunkQueue;
  private readonly keeper: LineStateKeeper;
  private readonly watch: LineWatch;
  private readonly backoff: Backoff;
  private readonly gapListeners = new Set<(kind: GapKind) => void>();
  private connection: Connection | undefined;
  /** What came before the connection was taken: a device's first bytes may stand behind the answer that opens it. */
  private early: Uint8Array[] = [];
  private recorder: Recorder | undefined;
  private controller: AbortController | undefined;
  private timer: Disposable | undefined;
  /** Rises with each attempt and each end, so that what an old connection still says is not heard. */
  private epoch = 0;
  private bytesOfConnection = 0;
  private held = false;
  private closed = false;

  constructor(
    private readonly connector: Connector,
    private readonly options: LineOptions,
  ) {
    this.recorder = options.record;
    this.keeper = new LineStateKeeper(connector, options);
    this.backoff = new Backoff(LONGEST_PAUSE, options.random);
    this.queue = new ChunkQueue({
      limit: options.buffer ?? BUFFER,
      onGap: (kind) => this.tellGap(kind),
      onFull: () => this.hold(true),
      onRoom: () => this.hold(false),
    });
    const idle = options.idle ?? IDLE;
    this.watch = new LineWatch({
      clock: options.clock,
      idle: idle === 0 ? 0 : Math.max(idle, connector.leastIdle ?? 0),
      onSilent: (ms) => this.silent(ms),
      onNoFrames: () => this.keeper.noFrames(),
    });
    this.attempt();
  }

  get counters(): LineCounters {
    return this.keeper.counters;
  }

  get state(): LineState {
    return this.keeper.state;
  }

  read(): AsyncIterableIterator<Uint8Array> {
    return this.queue;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return this.queue;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const connection = this.open();
    this.recorder?.('out', bytes, this.options.clock.now());
    await connection.write(bytes);
    this.keeper.counters.bytesOut += bytes.length;
  }

  async configure(settings: LineSettings): Promise<void> {
    const connection = this.open();
    if (connection.configure === undefined) throw this.unsupported('has no baud, mode, DTR or RTS to set');
    await connection.configure(settings);
  }

  async drain(): Promise<void> {
    await this.open().drain();
  }

  async flush(): Promise<void> {
    this.queue.clear();
    if (this.connection?.flush === undefined) this.tellGap('flushed');
    else await this.connection.flush();
  }

  async break(ms: number): Promise<void> {
    const connection = this.open();
    if (connection.break === undefined) throw this.unsupported('has no break');
    if (!(ms >= 1 && ms <= 10_000)) throw this.unsupported('takes a break of 1 to 10000 ms');
    await connection.break(ms);
  }

  frame(verdict: 'ok' | 'bad'): void {
    this.keeper.frame(verdict, this.connection !== undefined);
    this.watch.frame();
  }

  onGap(fn: (kind: GapKind) => void): Disposable {
    this.gapListeners.add(fn);
    return { dispose: () => void this.gapListeners.delete(fn) };
  }

  record(recorder: Recorder | undefined): void {
    this.recorder = recorder;
  }

  close(): Promise<void> {
    if (!this.closed) {
      this.queue.clear();
      this.finish();
    }
    return Promise.resolve();
  }

  private open(): Connection {
    if (this.closed) throw new SmxError('SMX_TRANSPORT_CLOSED', `${this.connector.label} is closed`);
    if (this.connection !== undefined) return this.connection;
    const why = this.keeper.state.text;
    throw new SmxError(
      'SMX_TRANSPORT_CONNECT',
      `${this.connector.label} is not open; try again once it is${why === undefined ? '' : `. Last: ${why}`}`,
    );
  }

  private unsupported(what: string): SmxError {
    return new SmxError('SMX_TRANSPORT_UNSUPPORTED', `${this.connector.label} ${what}`);
  }

  private attempt(): void {
    const epoch = ++this.epoch;
    const controller = new AbortController();
    this.controller = controller;
    const mine = (): boolean => epoch === this.epoch;
    const sink: Sink = {
      data: (chunk) => {
        if (mine()) this.received(chunk);
      },
      end: (error) => {
        if (mine()) this.ended(error);
      },
      gap: (kind) => {
        if (mine()) this.sourceGap(kind);
      },
    };
    if (this.connector.passive !== true)
      this.timer = this.options.clock.after(this.options.connectTimeout ?? CONNECT_TIMEOUT, () => {
        this.failed(
          new LineFault(
            'timeout',
            `${this.connector.label}: no answer in time; check address, firewall and that the device is on`,
          ),
        );
        controller.abort();
      });
    this.connector.connect(sink, controller.signal).then(
      (connection) => (mine() ? this.connected(connection) : connection.close()),
      (error: unknown) => (mine() ? this.failed(error) : undefined),
    );
  }

  private connected(connection: Connection): void {
    this.timer?.dispose();
    this.connection = connection;
    this.bytesOfConnection = 0;
    this.keeper.connected();
    this.watch.start();
    if (this.held) connection.pause();
    for (const chunk of this.early.splice(0)) this.received(chunk);
    connection.start?.();
  }

  private received(chunk: Uint8Array): void {
    if (this.connection === undefined) {
      // who reads a chunk may answer at once, which an open line alone can carry
      this.early.push(chunk);
      return;
    }
    const now = this.options.clock.now();
    this.bytesOfConnection += chunk.length;
    this.keeper.received(chunk.length, now);
    this.watch.byte();
    this.recorder?.('in', chunk, now);
    if (this.connector.lossy === true) this.keeper.counters.dropped += this.queue.pushBounded(chunk);
    else this.queue.push(chunk);
  }

  private sourceGap(kind: GapKind): void {
    if (kind === 'flushed') this.queue.clear();
    this.recorder?.('gap', NOTHING, this.options.clock.now());
    this.queue.gap(kind);
  }

  private silent(ms: number): void {
    this.ended(
      new LineFault(
        'idle',
        `${this.connector.label}: nothing came for ${Math.round(ms / 1000)} s; check that the device sends`,
      ),
    );
  }

  private ended(error: unknown): void {
    const connection = this.connection;
    if (connection === undefined) {
      this.failed(error ?? this.closedByPeer());
      return;
    }
    this.drop();
    this.sourceGap('reconnect');
    const fault = error === undefined ? this.closedByPeer() : faultOf(error, this.connector.label);
    if (this.connector.once === true) {
      this.finish(fault);
      return;
    }
    if (this.bytesOfConnection > 0) this.backoff.reset();
    if (this.connector.passive === true) {
      this.keeper.lost(fault, undefined);
      this.attempt();
    } else this.retry(fault);
  }

  private failed(error: unknown): void {
    this.drop();
    const fault = faultOf(error, this.connector.label);
    this.keeper.counters.failures++;
    if (this.connector.once === true) this.finish(fault);
    else if (fault.reason === 'absent') {
      // to look hurries nobody, and a device that is plugged in is a new beginning
      this.backoff.reset();
      this.retry(fault, LOOK);
    } else this.retry(fault);
  }

  private retry(fault: LineFault, pause = this.backoff.next()): void {
    this.keeper.lost(fault, this.options.clock.now() + pause);
    this.timer = this.options.clock.after(pause, () => this.attempt());
  }

  private closedByPeer(): LineFault {
    return new LineFault('closed', `${this.connector.label}: the other side closed the connection`);
  }

  private drop(): void {
    this.epoch++;
    this.timer?.dispose();
    this.watch.stop();
    this.controller = undefined;
    this.early = [];
    this.connection?.close();
    this.connection = undefined;
  }

  private finish(fault?: LineFault): void {
    this.closed = true;
    this.controller?.abort();
    this.drop();
    this.connector.dispose?.();
    this.queue.end();
    this.keeper.finished(fault);
  }

  private hold(held: boolean): void {
    this.held = held;
    this.watch.hold(held);
    if (held) this.connection?.pause();
    else this.connection?.resume();
  }

  private tellGap(kind: GapKind): void {
    for (const fn of this.gapListeners) {
      try {
        fn(kind);
      } catch (error) {
        this.options.log.error('a gap listener threw', { source: this.connector.label, error: describeError(error) });
      }
    }
  }
}
