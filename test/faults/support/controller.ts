import { connectAsync, type MqttClient } from 'mqtt';
import { until } from '../../e2e/smxcore-support.js';
import { SETPOINT } from './site.js';

const TREE = 'smx/1/test/gesscon';
/** How long each command is to hold, ms. */
export const LEASE = 3000;

interface Order {
  /** When it was sent and when it was over, by the clock of `performance`, ms. */
  readonly sent: number;
  over?: number;
  readonly stages: string[];
  code?: string;
}

/** Who commands the battery of a site from far away, and what the box answers. */
export class Controller {
  /** What the box last said of its clock. */
  clock: string | undefined;
  private readonly orders = new Map<string, Order>();

  private constructor(private readonly client: MqttClient) {
    client.on('message', (topic, payload) => {
      if (payload.length > 0) this.hear(topic, JSON.parse(payload.toString()) as Record<string, string>);
    });
  }

  static async connect(port: number): Promise<Controller> {
    const controller = new Controller(await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 }));
    await controller.client.subscribeAsync([`${TREE}/rsp`, `${TREE}/state`], { qos: 1 });
    return controller;
  }

  /** Sends a command that was issued at `t`; resolves to its id once it is verified or over. */
  async order(t: number, how: { readonly until?: number } = {}): Promise<string> {
    const id = `order-${this.orders.size}`;
    const order: Order = { sent: performance.now(), stages: [] };
    this.orders.set(id, order);
    const lease = how.until === undefined ? { for: `${LEASE}ms` } : { until: how.until };
    const body = { id, t, point: SETPOINT, value: 100 + this.orders.size, ...lease };
    await this.client.publishAsync(`${TREE}/cmd`, JSON.stringify(body), { qos: 1 });
    await until(() => order.over !== undefined || order.stages.includes('verified'));
    return id;
  }

  /** Stages of a command so far, and the code of its refusal. */
  cameOf(id: string): string[] {
    const { stages, code } = this.orders.get(id)!;
    return code === undefined ? stages : [...stages, code];
  }

  /** Resolves once a command is over: ms that it held. */
  async held(id: string): Promise<number> {
    const order = this.orders.get(id)!;
    return (await until(() => order.over)) - order.sent;
  }

  async end(): Promise<void> {
    await this.client.endAsync(true);
  }

  private hear(topic: string, message: Record<string, string>): void {
    if (topic.endsWith('/state')) this.clock = message['clock'];
    const order = topic.endsWith('/rsp') ? this.orders.get(message['id']!) : undefined;
    if (order === undefined) return;
    const state = message['state']!;
    order.stages.push(state);
    if (message['code'] !== undefined) order.code = message['code'];
    if (['refused', 'expired', 'ended', 'superseded', 'cancelled'].includes(state)) order.over = performance.now();
  }
}
