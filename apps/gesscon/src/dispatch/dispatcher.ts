import {
  describeError,
  SmxError,
  type Clock,
  type CommandState,
  type Disposable,
  type Log,
  type PointValue,
} from '@smx-edge/model';
import { AT_ONCE, PACE, type Order, type OrderAsk, type OrderStage } from './order.js';
import type { Store } from '../store/store.js';
import type { Smx1Strategy } from '../transport/smx1.strategy.js';
import type { Alarm, Alarms } from '../watch/alarms.js';
import { outgoing } from './wire.js';

/** A box that has too many orders at once says so, and gets the rest after this, ms. */
const RATE_PAUSE = 2000;

/** `rsp` (contracts §5). */
export interface RspBody {
  readonly id: string | null;
  readonly state: CommandState;
  readonly value?: PointValue;
  readonly measured?: PointValue;
  readonly code?: string;
  readonly reason?: string;
  readonly slot?: number;
  readonly t: number;
}

export interface DispatcherOptions {
  readonly store: Store;
  readonly boxes: Pick<Smx1Strategy, 'publish' | 'upSince'>;
  readonly alarms: Alarms;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Sends orders and follows them to their outcome. An order is kept before it is sent and sent again under its id until the
 * box answers, so that it does not matter which worker dies when: the box carries it out at most once.
 */
export class Dispatcher {
  /** When each box last had a heartbeat, ms UTC. */
  private readonly beaten = new Map<string, number>();
  private timer: Disposable | undefined;
  /** Until when orders may wait behind those that went out, ms UTC. */
  private queued = 0;
  private sending: Promise<void> = Promise.resolve();

  constructor(private readonly o: DispatcherOptions) {}

  /** Keeps an order and sends it. Throws SMX_CLOUD_SITE. */
  async order(site: string, ask: OrderAsk): Promise<Order> {
    const { store, clock } = this.o;
    if (!(await store.orders.put(site, ask, clock.now())))
      throw new SmxError('SMX_CLOUD_SITE', `no box has said ${site} so far`);
    await this.send();
    return this.find(site, ask.id);
  }

  /** Throws SMX_COMMAND_UNKNOWN. */
  async find(site: string, id: string): Promise<Order & { readonly stages: readonly OrderStage[] }> {
    const order = await this.o.store.orders.get(site, id, this.o.clock.now());
    if (order === undefined) throw new SmxError('SMX_COMMAND_UNKNOWN', `there is no order ${id} to ${site}`);
    return order;
  }

  async cancel(site: string, id: string): Promise<Order> {
    await this.find(site, id);
    await this.o.store.orders.cancel(site, id, this.o.clock.now());
    await this.send();
    return this.find(site, id);
  }

  /** Sends what is due, to each box at the pace at which it takes orders. What does not get out is due again. */
  async send(): Promise<void> {
    const { store, boxes, clock, log } = this.o;
    if (boxes.upSince === undefined) return;
    const now = clock.now();
    const orders = await store.orders.claim(now);
    if (orders.length > 0) this.queued = now + AT_ONCE * PACE;
    if (now < this.queued) this.timer ??= clock.after(PACE, () => this.goOn());
    for (const order of orders) {
      const { site, id } = order;
      const { topic, body } = outgoing(order, now);
      await boxes
        .publish({ site, topic }, body)
        .catch((error: unknown) => log.warn('an order did not go out', { site, id, error: describeError(error) }));
    }
  }

  /** Sends no more by itself. */
  async stop(): Promise<void> {
    this.queued = 0;
    this.timer?.dispose();
    await this.sending;
  }

  /** What a box says of an order. */
  async heard(site: string, { id, slot, ...rest }: RspBody): Promise<void> {
    const { store, clock, log } = this.o;
    const now = clock.now();
    // an order that the box did not look at yet
    if (id !== null && rest.state === 'refused' && rest.code === 'SMX_HTTP_RATE')
      await store.orders.later(site, id, now + RATE_PAUSE);
    else if (id === null || !(await store.orders.note(site, id, { stage: { ...rest, slot: slot ?? null }, now })))
      log.warn('an answer to an order that is not ours', { site, id, state: rest.state });
  }

  /** A box is on line. */
  async woke(site: string): Promise<void> {
    await this.o.store.orders.wake(site, this.o.clock.now());
    await this.send();
  }

  /** One look of who keeps watch: heartbeats, and outcomes that are not as asked. Gives alarms that stand. */
  async look(): Promise<Alarm[]> {
    const { store, alarms, clock } = this.o;
    const now = clock.now();
    await this.beat(now);
    for (const { key, site, detail } of await store.orders.faults())
      await alarms.once({ site, cause: 'command', detail }, (inside, at) => store.orders.told(inside, key, at));
    return (await store.orders.late(now)).map(({ site, id, point, issued, count }) => ({
      ...{ site, cause: 'unanswered' },
      detail: `${count} orders without outcome, as ${id} to ${point}; the oldest is of ${new Date(issued).toISOString()}`,
    }));
  }

  private goOn(): void {
    this.timer = undefined;
    this.sending = this.send().catch((error: unknown) =>
      this.o.log.warn('orders wait', { error: describeError(error) }),
    );
  }

  private async beat(now: number): Promise<void> {
    const { store, boxes, log } = this.o;
    for (const { site, hb } of await store.orders.beats(now)) {
      if (now - (this.beaten.get(site) ?? 0) < hb / 3) continue;
      this.beaten.set(site, now);
      await boxes
        .publish({ site, topic: 'hb', qos: 0 }, { t: now })
        .catch((error: unknown) => log.warn('a heartbeat did not go out', { site, error: describeError(error) }));
    }
  }
}
