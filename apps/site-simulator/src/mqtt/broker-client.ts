import type { IClientOptions, MqttClient } from 'mqtt';
import { describeError, type Log } from '@smx-edge/model';

export interface BrokerOptions {
  /** `mqtt://host:port` of the broker, whoever runs it. */
  readonly broker: string;
  readonly user?: string;
  readonly password?: string;
}

export interface BrokerUse {
  readonly log: Log;
  /** Filters it subscribes to, each time that it is connected. */
  readonly filters: readonly string[];
  readonly will?: NonNullable<IClientOptions['will']>;
  onConnect?(): void;
  onMessage(topic: string, payload: Uint8Array): void;
}

/** ms until a device comes back to its broker. */
const AGAIN = 1000;
/** ms for which it waits for what was said last to be acknowledged. */
const FAREWELL = 2000;

/** A device's connection to a broker: made again for as long as it is open, and what it says meanwhile is lost. */
export class BrokerClient {
  private constructor(private readonly client: MqttClient) {}

  /** Resolves before it is connected. */
  static async open({ broker, user, password }: BrokerOptions, use: BrokerUse): Promise<BrokerClient> {
    // most sites speak to no broker, and begin sooner without
    const { connect } = await import('mqtt');
    const login = { ...(user !== undefined && { username: user }), ...(password !== undefined && { password }) };
    const client = connect(broker, {
      ...{ ...login, protocolVersion: 4, clean: true, reconnectPeriod: AGAIN, queueQoSZero: false },
      ...(use.will !== undefined && { will: use.will }),
    });
    const warn = (what: string, error: unknown): void => use.log.warn(what, { broker, error: describeError(error) });
    client.on('error', (error) => warn('broker', error));
    client.on('message', (topic, payload) => use.onMessage(topic, payload));
    client.on('connect', () => {
      // a broker that refuses a filter says so per filter, and the device goes on with the others
      if (use.filters.length > 0)
        client.subscribe([...use.filters], { qos: 1 }, (error) => {
          if (error) warn('subscription', error);
        });
      use.onConnect?.();
    });
    return new BrokerClient(client);
  }

  get isConnected(): boolean {
    return this.client.connected;
  }

  publish(topic: string, payload: string, { qos = 0, retain = false }: { qos?: 0 | 1; retain?: boolean } = {}): void {
    if (this.client.connected) this.client.publish(topic, payload, { qos, retain });
  }

  /** As a cable that is pulled: no farewell, and back after a moment. */
  cut(): void {
    this.client.stream.destroy();
  }

  async close(): Promise<void> {
    let late: NodeJS.Timeout | undefined;
    const over = new Promise((resolve) => (late = setTimeout(resolve, FAREWELL)));
    // what a broker that died never acknowledged would be waited for without an end
    await Promise.race([this.client.endAsync(!this.client.connected), over]);
    clearTimeout(late);
    this.client.stream.destroy();
  }
}
