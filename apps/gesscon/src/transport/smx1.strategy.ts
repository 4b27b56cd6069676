import '@smx-edge/northbound/packet-buffers';
import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { describeError, ERROR_CODES, isSmxError, SmxError, type Clock, type Log } from '@smx-edge/model';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import type { Socket } from 'node:net';
import { isObservable, lastValueFrom } from 'rxjs';
import type { BrokerAccess } from '../config/config.js';
import { acksOf, type Ack, type Stored } from './acks.js';
import { Inbox } from './inbox.js';
import { BATCHES } from './patterns.js';
import { bodyOf, type Uplink } from './uplink.js';

/** A batch waits this long for others to be committed with, ms. */
const LINGER = 5;
/** Pause between tries to connect, ms. */
const RECONNECT = 1000;
/** How long the broker may keep what it could not yet hand to a box, s: an ack or a command that is late is worth nothing. */
const EXPIRY = 60;

export interface Smx1Options {
  readonly url: string;
  readonly party: string;
  /** 4 is MQTT 3.1.1, without shared subscriptions. */
  readonly version: 4 | 5;
  /** Group of workers that share the batches. */
  readonly share: string;
  readonly access: BrokerAccess;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where a message to a box goes: a topic below `smx/1/{site}/{party}/`. */
export interface Downlink {
  readonly site: string;
  readonly topic: string;
  readonly qos?: 0 | 1;
}

/**
 * smx/1 as a transport of Nest (contracts §5): payloads as they are on the wire, without Nest's envelope. A handler gets
 * all messages that came while the call before was at work; batches are acknowledged once their handler has resolved, and
 * what is no batch is handed over again where its handler rejects with a code that passes (`retryable`).
 * PUBACK is flow control only: reading stops while an inbox is full.
 */
export class Smx1Strategy extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('smx/1');
  /** When the connection came up, ms UTC; undefined while there is none. */
  upSince: number | undefined;
  fault: SmxError | undefined = new SmxError('SMX_CLOUD_BROKER', 'not connected yet');
  /** Messages that were no JSON or not as the contract says. */
  malformed = 0;
  private client: MqttClient | undefined;
  private readonly inboxes = new Map<string, Inbox>();
  private held: (() => void)[] = [];

  constructor(private readonly o: Smx1Options) {
    super();
  }

  listen(callback: () => void): void {
    for (const [topic, handler] of this.getHandlers()) {
      const take = (uplinks: readonly Uplink[]): Promise<boolean> => this.handle({ topic, handler, uplinks });
      this.inboxes.set(topic, new Inbox({ take, linger: isShared(handler) ? LINGER : 0 }));
    }
    const client = (this.client = connect(this.o.url, this.settings()));
    client.on('connect', () => void this.subscribe(client));
    client.on('error', (error) => this.down(describeError(error)));
    client.on('close', () => this.down('the connection is closed'));
    client.on('message', (topic, payload) => this.arrived(topic, payload));
    // the PUBACK goes out, and the next packet is read, once this calls back
    client.handleMessage = (_packet, next) => {
      if ([...this.inboxes.values()].some(({ isFull }) => isFull)) this.held.push(() => next());
      else next();
    };
    // a broker that is away is a state that health shows, not a reason not to start
    callback();
  }

  async close(): Promise<void> {
    const { client } = this;
    if (client === undefined) return;
    const own = this.filters();
    await client.unsubscribeAsync(own).catch(() => undefined);
    await Promise.all([...this.inboxes.values()].map((inbox) => inbox.drained()));
    this.client = undefined;
    await client.endAsync();
  }

  /** Publishes to a box. Resolves once the broker took it; throws SMX_CLOUD_BROKER. */
  async publish({ site, topic, qos = 1 }: Downlink, body: object): Promise<void> {
    const { client } = this;
    if (client?.connected !== true) throw new SmxError('SMX_CLOUD_BROKER', 'there is no connection to the broker');
    const properties = this.o.version === 5 ? { properties: { messageExpiryInterval: EXPIRY } } : {};
    await client.publishAsync(`smx/1/${site}/${this.o.party}/${topic}`, JSON.stringify(body), { qos, ...properties });
  }

  /** Sends acks; one that is lost costs a batch that comes again. */
  acknowledge(acks: readonly Ack[]): void {
    for (const { site, stream, body } of acks)
      this.publish({ site, topic: `ack/${stream}` }, body).catch((error: unknown) =>
        this.o.log.debug('an ack did not go out', { site, stream, error: describeError(error) }),
      );
  }

  on(): void {
    throw new SmxError('SMX_INTERNAL', 'smx/1 has no events of its own to listen to');
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as Nest declares it
  unwrap<T>(): T {
    return this.client as T;
  }

  private settings(): IClientOptions {
    const { version, access } = this.o;
    return {
      ...access,
      protocolVersion: version,
      // what a worker did not acknowledge the box sends again: nothing is parked at the broker for one that is gone
      clean: true,
      keepalive: 30,
      reconnectPeriod: RECONNECT,
      resubscribe: false,
      queueQoSZero: false,
    };
  }

  private filters(): string[] {
    const { version, share, party } = this.o;
    return [...this.getHandlers()].map(([topic, handler]) => {
      const filter = `smx/1/+/${party}/${topic}`;
      return isShared(handler) && version === 5 ? `$share/${share}/${filter}` : filter;
    });
  }

  private async subscribe(client: MqttClient): Promise<void> {
    // otherwise small messages wait for each other's TCP acknowledgement, some 40 ms
    (client.stream as Partial<Socket>).setNoDelay?.(true);
    try {
      await client.subscribeAsync(this.filters(), { qos: 1 });
      this.upSince = this.o.clock.now();
      this.fault = undefined;
      this.o.log.info('connected to the broker');
    } catch (error) {
      this.down(`the broker refused the subscriptions (${describeError(error)})`);
      client.stream.destroy();
    }
  }

  private down(reason: string): void {
    if (this.upSince !== undefined || this.fault?.message === 'not connected yet')
      this.o.log.warn('no connection to the broker', { reason });
    this.upSince = undefined;
    this.fault = new SmxError('SMX_CLOUD_BROKER', reason);
  }

  private arrived(topic: string, payload: Buffer): void {
    const [, , site, , ...rest] = topic.split('/');
    const kind = rest.join('/');
    const inbox = this.inboxes.get(kind) ?? this.inboxes.get(kind.replace(/[^/]+$/, '+'));
    if (site === undefined || inbox === undefined) return;
    try {
      inbox.push({ site, topic: kind, body: bodyOf(payload), received: this.o.clock.now() });
    } catch (error) {
      this.refuse({ site, topic: kind }, error);
    }
  }

  /** Counts and logs a message that is not as the contract says; the box is not told, since no ack is due. */
  refuse({ site, topic }: Pick<Uplink, 'site' | 'topic'>, error: unknown): void {
    this.malformed++;
    this.o.log.warn('a message was refused', { site, topic, error: describeError(error) });
  }

  /** False: they are to be handled again. */
  private async handle(call: {
    readonly topic: string;
    readonly handler: MessageHandler;
    readonly uplinks: readonly Uplink[];
  }): Promise<boolean> {
    const { topic, handler, uplinks } = call;
    let isDone = true;
    try {
      const answer: unknown = await handler(uplinks);
      const result: unknown = isObservable(answer) ? await lastValueFrom(answer, { defaultValue: undefined }) : answer;
      if (isShared(handler)) this.acknowledge(acksOf(result as readonly Stored[]));
    } catch (error) {
      // batches are not acknowledged, so the boxes send them again; what else they say they say once
      isDone = isShared(handler) || !isRetryable(error);
      const fields = { topic, messages: uplinks.length, error: describeError(error) };
      this.o.log.error(isDone ? 'messages were not taken' : 'messages wait', fields);
    }
    const waiting = this.held;
    this.held = [];
    for (const go of waiting) go();
    return isDone;
  }
}

const isRetryable = (error: unknown): boolean => isSmxError(error) && ERROR_CODES[error.code].class === 'retryable';

const isShared = ({ extras }: MessageHandler): boolean =>
  (extras as Partial<typeof BATCHES> | undefined)?.isShared === true;
