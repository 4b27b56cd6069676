import type { Server, Socket } from 'node:net';
import { Backoff, SmxError, type Disposable } from '@smx-edge/model';
import { addressOf, listen, peerConnector } from './connectors/tcp-listen.js';
import { faultOf } from './fault.js';
import { LONGEST_PAUSE, ReconnectingLine } from './line.js';
import type { Source, TcpSource } from './source.js';
import type { Line, LineListener, ListenAddress, ListenOptions } from './types.js';

const PEERS = 16;

/** Many peers at once, each a line of its own; a peer over the bound is turned away and said so. */
export class PeerListener implements LineListener {
  readonly ready: Promise<ListenAddress>;
  readonly lines: AsyncIterable<Line> = { [Symbol.asyncIterator]: () => ({ next: () => this.next() }) };
  private server: Server | undefined;
  private readonly open = new Set<Line>();
  private readonly queue: Line[] = [];
  private waiters: ((result: IteratorResult<Line>) => void)[] = [];
  private readonly controller = new AbortController();
  private readonly backoff: Backoff;
  private timer: Disposable | undefined;
  private isListening: ((address: ListenAddress) => void) | undefined;
  private giveUp: ((error: Error) => void) | undefined;

  constructor(
    private readonly source: TcpSource & Source,
    private readonly options: ListenOptions,
  ) {
    this.backoff = new Backoff(LONGEST_PAUSE, options.random);
    this.ready = new Promise((resolve, reject) => {
      this.isListening = resolve;
      this.giveUp = reject;
    });
    // whoever does not ask for the address is not bothered with a close before it was known
    this.ready.catch(() => undefined);
    this.attempt();
  }

  get address(): ListenAddress | undefined {
    return this.server === undefined ? undefined : addressOf(this.server);
  }

  async close(): Promise<void> {
    this.controller.abort();
    this.timer?.dispose();
    this.giveUp?.(new SmxError('SMX_TRANSPORT_CLOSED', `${this.source.label} was closed before it listened`));
    await Promise.all([...this.open].map((line) => line.close()));
    for (const waiter of this.waiters.splice(0)) waiter({ value: undefined, done: true });
    const server = this.server;
    this.server = undefined;
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  private attempt(): void {
    listen(this.source, this.controller.signal).then(
      (server) => this.listening(server),
      (error: unknown) => {
        if (this.controller.signal.aborted) return;
        const fault = faultOf(error, this.source.label);
        this.options.log.warn(fault.message, { source: this.source.label, reason: fault.reason });
        this.timer = this.options.clock.after(this.backoff.next(), () => this.attempt());
      },
    );
  }

  private listening(server: Server): void {
    if (this.controller.signal.aborted) {
      server.close();
      return;
    }
    this.server = server;
    server.on('error', (error) =>
      this.options.log.warn(faultOf(error, this.source.label).message, { source: this.source.label }),
    );
    server.on('connection', (socket) => this.arrived(socket));
    const address = addressOf(server);
    this.options.log.info('line listens', { source: this.source.label, host: address?.host, port: address?.port });
    if (address !== undefined) this.isListening?.(address);
  }

  private arrived(socket: Socket): void {
    const peer = `${this.source.label} from ${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`;
    socket.on('error', (error) => this.options.log.debug('peer failed', { source: peer, error: error.message }));
    if (this.open.size >= (this.options.peers ?? PEERS)) {
      this.options.log.warn('a peer was turned away: too many are connected', { source: peer });
      socket.destroy();
      return;
    }
    const line: Line = new ReconnectingLine(peerConnector(socket, peer), {
      ...this.options,
      onState: (state) => {
        if (state.status === 'closed') this.forget(line);
        this.options.onState?.(state);
      },
    });
    this.open.add(line);
    const waiter = this.waiters.shift();
    if (waiter === undefined) this.queue.push(line);
    else waiter({ value: line, done: false });
  }

  private forget(line: Line): void {
    this.open.delete(line);
  }

  private next(): Promise<IteratorResult<Line>> {
    const line = this.queue.shift();
    if (line !== undefined) return Promise.resolve({ value: line, done: false });
    if (this.controller.signal.aborted) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.waiters.push(resolve));
  }
}
