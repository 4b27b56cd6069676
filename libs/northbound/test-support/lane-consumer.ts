import { deepStrictEqual } from 'node:assert';
import { connectAsync, type MqttClient } from 'mqtt';
import { inflateSync } from 'node:zlib';

/** `t/inst` as it came. */
export interface TakenBatch {
  readonly e: number;
  readonly s: number;
  readonly cat?: string;
  readonly t0?: number;
  readonly dt?: number;
  readonly t?: readonly number[];
  readonly id?: readonly number[];
  readonly r?: readonly (readonly unknown[])[];
  readonly q?: Readonly<Record<string, readonly (readonly [number, string])[]>>;
  readonly h?: true;
  readonly gap?: readonly [number, number];
  readonly why?: string;
}

/** When the consumer says that it has a batch: at once, never, or not this time. */
export type AckRule = (batch: TakenBatch, times: number) => boolean;

export interface ConsumerOptions {
  readonly port: number;
  readonly party: string;
  readonly site?: string;
  readonly user?: string;
  readonly password?: string;
  readonly ack?: AckRule;
  /** Comes once under this id, and not again by itself. */
  readonly clientId?: string;
}

/**
 * A consumer as contracts §5 asks for: stores each batch once by (epoch, seq), then acks it, and says again what it has
 * when the edge comes on line. It keeps its store over connections, and so is the oracle of what was lost or came twice.
 */
export class LaneConsumer {
  /** By number; the payload as it came first, without `h`. */
  readonly batches = new Map<number, TakenBatch>();
  /** Every arrival, in order. */
  readonly arrivals: TakenBatch[] = [];
  readonly states: Readonly<Record<string, unknown>>[] = [];
  /** Batches that came again with another content. */
  readonly changed: number[] = [];
  bytes = 0;
  /** Answers on `res`, in order. */
  readonly answers: Readonly<Record<string, unknown>>[] = [];
  ackRecords = true;
  /** Points of the newest catalogue. */
  catalogue: readonly { readonly id: number; readonly path: string }[] = [];
  /** Rows of the other streams, by stream and batch. */
  private readonly recorded = new Map<string, Map<number, readonly object[]>>();
  ack: AckRule;
  private client: MqttClient | undefined;
  private epoch = 0;

  constructor(private readonly o: ConsumerOptions) {
    this.ack = o.ack ?? (() => true);
  }

  get base(): string {
    return `smx/1/${this.o.site ?? 'site-1'}/${this.o.party}`;
  }

  async connect(filter = `${this.base}/#`): Promise<void> {
    const { port, user, password, clientId } = this.o;
    const client = (this.client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
      ...(clientId === undefined ? { reconnectPeriod: 50 } : { reconnectPeriod: 0, clientId }),
      ...(user === undefined ? {} : { username: user }),
      ...(password === undefined ? {} : { password }),
    }));
    client.on('error', () => undefined);
    client.on('message', (topic, payload) => this.take(topic, payload));
    await client.subscribeAsync(filter, { qos: 1 });
  }

  async leave(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.endAsync(true);
  }

  /** Publishes on a down topic. */
  async say(rest: string, body: unknown): Promise<void> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    await this.client?.publishAsync(`${this.base}/${rest}`, text, { qos: 1 });
  }

  /** Says everything it has. */
  async sayAll(epoch = this.epoch): Promise<void> {
    await this.say('ack/inst', { e: epoch, s: this.ranges() });
  }

  /** Numbers that are missing below the highest. */
  get holes(): number[] {
    const most = Math.max(0, ...this.batches.keys());
    const first = Math.min(...this.batches.keys());
    return Array.from({ length: Math.max(0, most - first + 1) }, (_, i) => first + i).filter(
      (s) => !this.batches.has(s),
    );
  }

  /** Every value it has stored, as `handle/t/value`, sorted; a value that came in two batches stands twice. */
  get values(): string[] {
    return [...this.batches.values()].flatMap(valuesOf).sort();
  }

  /** Rows of another stream in order of their batches. */
  records(stream: string): object[] {
    return [...(this.recorded.get(stream) ?? [])].sort(([a], [b]) => a - b).flatMap(([, rows]) => rows);
  }

  /** First and last time of a row, ms UTC. */
  get span(): [first: number, last: number] {
    const times = this.values.map((value) => Number(value.split('/')[1]));
    return [Math.min(...times), Math.max(...times)];
  }

  /** Batches that came more often than once. */
  get again(): number {
    return this.arrivals.length - this.batches.size;
  }

  private record(stream: string, text: string): void {
    const { e, s, rows = [] } = JSON.parse(text) as { e: number; s: number; rows?: readonly object[] };
    const batches = this.recorded.get(stream) ?? new Map<number, readonly object[]>();
    this.recorded.set(stream, batches);
    if (batches.has(s)) expectSame(batches.get(s), rows);
    batches.set(s, rows);
    if (this.ackRecords) void this.say(`ack/${stream}`, { e, s: [[s, s]] }).catch(() => undefined);
  }

  private ranges(): [number, number][] {
    const found: [number, number][] = [];
    for (const seq of [...this.batches.keys()].sort((a, b) => a - b)) {
      const last = found.at(-1);
      if (last !== undefined && last[1] === seq - 1) last[1] = seq;
      else found.push([seq, seq]);
    }
    return found;
  }

  private take(topic: string, payload: Buffer): void {
    const text = (payload[0] === 0x78 ? inflateSync(payload) : payload).toString();
    if (topic === `${this.base}/state` && text !== '') {
      const state = JSON.parse(text) as Record<string, unknown>;
      this.states.push(state);
      this.epoch = state['epoch'] as number;
      if (state['s'] === 'online' && this.batches.size > 0) void this.sayAll().catch(() => undefined);
    }
    if (topic === `${this.base}/cat` && text !== '')
      this.catalogue = (JSON.parse(text) as { points: LaneConsumer['catalogue'] }).points;
    if (topic === `${this.base}/res`) this.answers.push(JSON.parse(text) as Record<string, unknown>);
    for (const stream of ['event', 'profile']) if (topic === `${this.base}/t/${stream}`) this.record(stream, text);
    if (topic !== `${this.base}/t/inst`) return;
    this.bytes += topic.length + payload.length;
    const batch = JSON.parse(text) as TakenBatch;
    this.arrivals.push(batch);
    this.epoch = batch.e;
    const known = this.batches.get(batch.s);
    const content = JSON.stringify({ ...batch, h: undefined });
    if (known === undefined) this.batches.set(batch.s, JSON.parse(content) as TakenBatch);
    else if (JSON.stringify(known) !== content) this.changed.push(batch.s);
    const times = this.arrivals.filter(({ s }) => s === batch.s).length;
    if (this.ack(batch, times))
      void this.say('ack/inst', { e: batch.e, s: [[batch.s, batch.s]] }).catch(() => undefined);
  }
}

function expectSame(a: unknown, b: unknown): void {
  deepStrictEqual(b, a);
}

function valuesOf({ t0, t, dt, id, r, q }: TakenBatch): string[] {
  if (t0 === undefined || id === undefined || r === undefined) return [];
  return r.flatMap((row, i) =>
    id.flatMap((handle, k) => {
      const time = t0 + (t === undefined ? i * dt! : t[i]!);
      const isSaid = row[k] !== null || q?.[String(handle)]?.some(([at]) => at === i) === true;
      return isSaid ? [`${handle}/${time}/${String(row[k])}`] : [];
    }),
  );
}
