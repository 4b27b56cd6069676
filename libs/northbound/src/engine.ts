import './packet-buffers.js';
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { Aedes, type Client, type PublishPacket, type Subscription } from 'aedes';
import type { BrokerLimits } from './limits.js';
import { Sessionless, silentBus } from './sessionless.js';

/** What a client says of itself before it has proved who it is. */
export interface Visitor {
  readonly client: Client;
  readonly clientId: string;
}

export interface EngineHooks {
  /** Decides on a login; `done(code)` refuses with a CONNACK return code, `done()` admits. */
  login(visitor: Visitor, credentials: { name?: string; token?: string }, done: (code?: number) => void): void;
  publish(client: Client, packet: PublishPacket): void;
  maySubscribe(client: Client, subscription: Subscription): boolean;
  mayReceive(client: Client, topic: string): boolean;
  subscribed(client: Client, filters: readonly { topic: string; qos: number }[]): void;
  unsubscribed(client: Client, filters: readonly string[]): void;
  left(client: Client): void;
  fault(reason: string): void;
}

const REFUSED = 0x80;
const NOWHERE = '$SYS/nowhere';
const NOTHING = Buffer.alloc(0);

/** An error with a CONNACK return code, as the engine wants it. */
class Refusal extends Error {
  constructor(readonly returnCode: number) {
    super('login refused');
  }
}

/**
 * The MQTT 3.1.1 protocol machine (aedes) with clean sessions only and no way from client to client: every message
 * comes here by `publish` and leaves by `client.publish`.
 */
export class Engine {
  private readonly visitors = new WeakMap<Client, Visitor>();
  private count = 0;

  private constructor(
    private readonly aedes: Aedes,
    private readonly hooks: EngineHooks,
  ) {}

  static async start(hooks: EngineHooks, limits: BrokerLimits): Promise<Engine> {
    const aedes = new Aedes({
      persistence: new Sessionless(),
      mq: silentBus,
      concurrency: 0,
      connectTimeout: limits.connectTimeout,
      drainTimeout: limits.drainTimeout,
      queueLimit: 100,
      maxInflightInbound: 20,
    });
    const engine = new Engine(aedes, hooks);
    engine.wire();
    await aedes.listen();
    return engine;
  }

  handle(socket: Socket): void {
    this.aedes.handle(socket);
  }

  /** Ends every client. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.aedes.close(resolve));
  }

  private wire(): void {
    const { aedes, hooks } = this;
    aedes.preConnect = (client, packet, done) => {
      this.visitors.set(client, { client, clientId: packet.clientId });
      packet.clean = true;
      // unique inside, so that nobody is ever taken for another one; taking over is the broker's to decide
      packet.clientId = `${++this.count}`;
      done(null, true);
    };
    // eslint-disable-next-line max-params -- the engine's signature
    aedes.authenticate = (client, username, password, done) => {
      const visitor = this.visitors.get(client)!;
      const credentials = {
        ...(username === undefined ? {} : { name: username }),
        ...(password === undefined ? {} : { token: password.toString('utf8') }),
      };
      hooks.login(visitor, credentials, (code) => {
        if (code === undefined) done(null, true);
        else done(new Refusal(code), false);
      });
    };
    aedes.authorizePublish = (client, packet, done) => {
      if (client !== null) hooks.publish(client, packet);
      // an error here would end the client; the engine goes on with an empty message that nobody gets
      packet.topic = NOWHERE;
      packet.payload = NOTHING;
      packet.retain = false;
      done(null);
    };
    aedes.authorizeSubscribe = (client, subscription, done) =>
      done(null, hooks.maySubscribe(client, subscription) ? subscription : null);
    aedes.authorizeForward = (client, packet) => (hooks.mayReceive(client, packet.topic) ? packet : null);
    aedes.on('subscribe', (subscriptions, client) => {
      hooks.subscribed(
        client,
        subscriptions.filter(({ qos }) => (qos as number) !== REFUSED),
      );
    });
    aedes.on('unsubscribe', (filters, client) => hooks.unsubscribed(client, filters));
    aedes.on('clientDisconnect', (client) => hooks.left(client));
    aedes.on('clientError', (_client, error) => hooks.fault(error.message));
    aedes.on('connectionError', (_client, error) => hooks.fault(error.message));
    (aedes as EventEmitter).on('error', (error: Error) => hooks.fault(error.message));
  }
}
