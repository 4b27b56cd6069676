import { Backoff, describeError, filterMatches, SmxError, type Disposable } from '@smx-edge/model';
import type { Connector } from '../transports/connector.js';
import { LineStateKeeper } from '../transports/line-state.js';
import { LONGEST_PAUSE } from '../transports/line.js';
import type { LineFault } from '../transports/fault.js';
import type { LineState } from '../transports/types.js';
import { MqttSession } from './session.js';
import { checkFilter, checkTopic } from './topic.js';
import type { MqttLink, MqttLinkOptions, MqttMessage, MqttPublish } from './types.js';

interface Subscription {
  readonly filter: string;
  readonly fn: (message: MqttMessage) => void;
}

/** A session with one broker, made anew whenever it ends. */
export class BrokerLink implements MqttLink {
  private readonly keeper: LineStateKeeper;
  private readonly backoff: Backoff;
  private readonly subscriptions = new Set<Subscription>();
  private session: MqttSession | undefined;
  private retry: Disposable | undefined;
  private isClosed = false;
  /** The session granted what was asked for. */
  private isProven = false;

  constructor(
    private readonly connector: Connector,
    private readonly o: MqttLinkOptions,
  ) {
    this.keeper = new LineStateKeeper(connector, o);
    this.backoff = new Backoff(LONGEST_PAUSE, o.random);
    this.connect();
  }

  get state(): LineState {
    return this.keeper.state;
  }

  subscribe(filter: string, fn: (message: MqttMessage) => void): Disposable {
    checkFilter(filter);
    const isNew = !this.filters.includes(filter);
    const subscription = { filter, fn };
    this.subscriptions.add(subscription);
    if (isNew && this.session?.up === true) this.ask(this.session, [filter]);
    return {
      dispose: () => {
        if (!this.subscriptions.delete(subscription) || this.filters.includes(filter)) return;
        if (this.session?.up === true) this.session.unsubscribe(filter);
      },
    };
  }

  async publish(topic: string, payload: string | Uint8Array, options: MqttPublish = {}): Promise<void> {
    checkTopic(topic);
    const { session } = this;
    if (this.isClosed) throw new SmxError('SMX_TRANSPORT_CLOSED', `${this.connector.label} is closed`);
    if (session?.up !== true)
      throw new SmxError('SMX_TRANSPORT_CONNECT', this.state.text ?? `${this.connector.label} is not connected yet`);
    const bytes = typeof payload === 'string' ? payload : Buffer.from(payload);
    await session.publish(topic, bytes, options);
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.retry?.dispose();
    this.session?.close();
    this.connector.dispose?.();
    this.keeper.finished(undefined);
    return Promise.resolve();
  }

  private get filters(): string[] {
    return [...new Set([...this.subscriptions].map(({ filter }) => filter))];
  }

  private connect(): void {
    const { connector, keeper } = this;
    const { clock, user, password, connectTimeout } = this.o;
    const session = (this.session = new MqttSession({
      connector,
      clock,
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      ...(connectTimeout === undefined ? {} : { connectTimeout }),
      onConnected: () => keeper.connected(),
      onBytes: (direction, bytes) => this.count(direction, bytes),
      onUp: () => this.ask(session, this.filters),
      onMessage: (topic, payload, retained) => this.deliver({ topic, payload, retained, t: clock.now() }),
      onEnd: (fault) => this.ended(fault),
    }));
  }

  /** Only what was granted proves that this broker is the right one. */
  private ask(session: MqttSession, filters: readonly string[]): void {
    const done = (): void => {
      this.isProven ||= session === this.session;
      this.keeper.frame('ok', session === this.session);
    };
    if (filters.length === 0) done();
    else session.subscribe(filters, done);
  }

  private count(direction: 'in' | 'out', bytes: Uint8Array): void {
    const now = this.o.clock.now();
    this.o.record?.(direction, bytes, now);
    if (direction === 'in') this.keeper.received(bytes.length, now);
    else this.keeper.counters.bytesOut += bytes.length;
  }

  private deliver(message: MqttMessage): void {
    this.keeper.frame('ok', true);
    for (const { filter, fn } of [...this.subscriptions]) {
      if (!filterMatches(filter, message.topic)) continue;
      try {
        fn(message);
      } catch (error) {
        const { topic } = message;
        this.o.log.error('a listener of MQTT messages threw', { topic, error: describeError(error) });
      }
    }
  }

  private ended(fault: LineFault): void {
    this.session = undefined;
    if (this.isClosed) return;
    const { clock } = this.o;
    // what ended on what it brought, as on a retained message that is too long, would at once end so again
    if (this.isProven && fault.reason !== 'protocol') this.backoff.reset();
    this.isProven = false;
    const pause = this.backoff.next();
    this.keeper.counters.failures++;
    this.keeper.lost(fault, clock.now() + pause);
    this.retry = clock.after(pause, () => this.connect());
  }
}
