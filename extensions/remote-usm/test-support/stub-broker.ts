import type { MqttLink } from '@smx-edge/extension-api';
import { runExtension, type Harness } from '@smx-edge/extension-api/runtime';
import { listenLines, openLine } from '@smx-edge/extension-api/transports';
import { filterMatches, VirtualClock } from '@smx-edge/model';
import type { UsmConfig } from '../src/settings.js';
import extension from '../src/index.js';

type Fn = Parameters<MqttLink['subscribe']>[1];

/** A broker without sockets, and the reader at it in virtual time: what is said here is heard at once. */
export class StubBroker {
  readonly clock = new VirtualClock(Date.parse('2026-06-20T10:00:00Z'));
  readonly harness: Harness;
  /** What was published by the reader. */
  readonly published: string[] = [];
  private readonly subscriptions = new Set<{ filter: string; fn: Fn }>();
  private readonly kept = new Map<string, string | Uint8Array>();
  private status: 'ok' | 'connecting' = 'ok';
  private isFault = true;

  constructor(
    config: Partial<UsmConfig>,
    state: Readonly<Record<string, unknown>> = {},
    refuses: readonly string[] = [],
  ) {
    this.harness = runExtension(extension, {
      config: { source: 'mqtt://neighbour:token@broker', ...config },
      clock: this.clock,
      lines: { openLine, listenLines, openMqtt: () => this.link() },
      instance: 'remote',
      timezone: 'Europe/Rome',
      state,
      refuses,
    });
  }

  get filters(): string[] {
    return [...this.subscriptions].map(({ filter }) => filter);
  }

  /** Leaves a message with the broker without anybody hearing it. */
  leave(topic: string, payload: object | string | Uint8Array): void {
    this.kept.set(topic, bytesOf(payload));
  }

  say(topic: string, payload: object | string | Uint8Array): void {
    this.deliver(topic, bytesOf(payload), false);
  }

  /** The connection is lost, or back with what lies there; `isFault`: why it is lost is known. */
  connect(isUp: boolean, isFault = true): void {
    this.status = isUp ? 'ok' : 'connecting';
    this.isFault = isFault;
    if (!isUp) return;
    for (const [topic, payload] of this.kept) this.deliver(topic, payload, true);
  }

  /** Lets time pass, and the reader say what it has to say of it. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1000) {
      this.clock.advance(Math.min(1000, left));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }

  private deliver(topic: string, payload: string | Uint8Array, retained: boolean): void {
    for (const { filter, fn } of [...this.subscriptions])
      if (filterMatches(filter, topic)) fn({ topic, payload: Buffer.from(payload), retained, t: this.clock.now() });
  }

  private link(): MqttLink {
    const stateOf = (): MqttLink['state'] => this.stateOf();
    return {
      get state() {
        return stateOf();
      },
      subscribe: (filter, fn) => {
        const subscription = { filter, fn };
        this.subscriptions.add(subscription);
        // as a broker: what lies there comes behind the subscription
        setImmediate(() => {
          if (!this.subscriptions.has(subscription)) return;
          for (const [topic, payload] of this.kept)
            if (filterMatches(filter, topic))
              fn({ topic, payload: Buffer.from(payload), retained: true, t: this.clock.now() });
        });
        return { dispose: () => void this.subscriptions.delete(subscription) };
      },
      publish: (topic) => {
        this.published.push(topic);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
  }

  private stateOf(): MqttLink['state'] {
    const counters = {
      bytesIn: 0,
      bytesOut: 0,
      chunks: 0,
      dropped: 0,
      framesOk: 0,
      framesBad: 0,
      connects: 0,
      failures: 0,
    };
    const { status } = this;
    const text = status === 'connecting' && this.isFault ? { text: 'mqtt://broker: nobody listens' } : {};
    return { source: 'mqtt://broker', status, since: 0, ...text, counters };
  }
}

const bytesOf = (payload: object | string | Uint8Array): string | Uint8Array =>
  typeof payload === 'string' || payload instanceof Uint8Array ? payload : JSON.stringify(payload);
