import { Backoff, SmxError, type Disposable } from '@smx-edge/model';
import type { Connector } from './connector.js';
import { faultOf } from './fault.js';
import { LONGEST_PAUSE, ReconnectingLine } from './line.js';
import type { Line, LineListener, ListenAddress, ListenOptions } from './types.js';

const PEERS = 16;

/** A peer that has come. */
export interface Guest {
  readonly label: string;
  readonly connector: Connector;
  turnAway(): void;
}

/** An open port. */
export interface Door {
  readonly address: ListenAddress | undefined;
  close(): Promise<void>;
}

/** Who is told of what comes through a door. */
export interface Guests {
  /** How many there may be. */
  readonly most: number;
  arrived(guest: Guest): void;
  /** Something went wrong with the door, or with a peer whose label is given. */
  failed(error: Error, peer?: string): void;
}

/** What is listened on. */
export interface DoorSource {
  readonly label: string;
  /** Rejects with any error; `signal` aborts the attempt. */
  open(guests: Guests, signal: AbortSignal): Promise<Door>;
}

/** Many peers at once, each a line of its own; a peer over the bound is turned away and said so. */
export class PeerListener implements LineListener {
  readonly ready: Promise<ListenAddress>;
  readonly lines: AsyncIterable<Line> = { [Symbol.asyncIterator]: () => ({ next: () => this.next() }) };
  private door: Door | undefined;
  private readonly open = new Set<Line>();
  private readonly queue: Line[] = [];
  private waiters: ((result: IteratorResult<Line>) => void)[] = [];
  private readonly controller = new AbortController();
  private readonly backoff: Backoff;
  private readonly most: number;
  private timer: Disposable | undefined;
  private isListening: ((address: ListenAddress) => void) | undefined;
  private giveUp: ((error: Error) => void) | undefined;

  constructor(
    private readonly source: DoorSource,
    private readonly options: ListenOptions,
  ) {
    this.backoff = new Backoff(LONGEST_PAUSE, options.random);
    this.most = options.peers ?? PEERS;
    this.ready = new Promise((resolve, reject) => {
      this.isListening = resolve;
      this.giveUp = reject;
    });
    // whoever does not ask for the address is not bothered with a close before it was known
    this.ready.catch(() => undefined);
    this.attempt();
  }

  get address(): ListenAddress | undefined {
    return this.door?.address;
  }

  async close(): Promise<void> {
    this.controller.abort();
    this.timer?.dispose();
    this.giveUp?.(new SmxError('SMX_TRANSPORT_CLOSED', `${this.source.label} was closed before it listened`));
    await Promise.all([...this.open].map((line) => line.close()));
    for (const waiter of this.waiters.splice(0)) waiter({ value: undefined, done: true });
    const { door } = this;
    this.door = undefined;
    await door?.close();
  }

  private attempt(): void {
    const { source, options, controller, most } = this;
    const guests: Guests = {
      most,
      arrived: (guest) => this.arrived(guest),
      failed: (error, peer) => {
        if (peer !== undefined) options.log.debug('peer failed', { source: peer, error: error.message });
        else options.log.warn(faultOf(error, source.label).message, { source: source.label });
      },
    };
    source.open(guests, controller.signal).then(
      (door) => this.opened(door),
      (error: unknown) => {
        if (controller.signal.aborted) return;
        const fault = faultOf(error, source.label);
        options.log.warn(fault.message, { source: source.label, reason: fault.reason });
        this.timer = options.clock.after(this.backoff.next(), () => this.attempt());
      },
    );
  }

  private opened(door: Door): void {
    if (this.controller.signal.aborted) {
      void door.close();
      return;
    }
    this.door = door;
    const { address } = door;
    this.options.log.info('line listens', { source: this.source.label, host: address?.host, port: address?.port });
    if (address !== undefined) this.isListening?.(address);
  }

  private arrived({ label, connector, turnAway }: Guest): void {
    if (this.open.size >= this.most) {
      this.options.log.warn('a peer was turned away: too many are connected', { source: label });
      turnAway();
      return;
    }
    const line: Line = new ReconnectingLine(connector, {
      ...this.options,
      onState: (state) => {
        if (state.status === 'closed') this.open.delete(line);
        this.options.onState?.(state);
      },
    });
    this.open.add(line);
    const waiter = this.waiters.shift();
    if (waiter === undefined) this.queue.push(line);
    else waiter({ value: line, done: false });
  }

  private next(): Promise<IteratorResult<Line>> {
    const line = this.queue.shift();
    if (line !== undefined) return Promise.resolve({ value: line, done: false });
    if (this.controller.signal.aborted) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.waiters.push(resolve));
  }
}
