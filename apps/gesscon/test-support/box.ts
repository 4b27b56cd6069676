import { connectAsync, type MqttClient } from 'mqtt';
import { deflateSync } from 'node:zlib';

interface Ack {
  readonly e: number;
  readonly s: readonly (readonly [number, number])[];
  readonly hw?: number;
}

const PARTY = 'gesscon';
const T0 = Date.UTC(2026, 10, 27);

/** A box at its broker, as a consumer sees it: says what a spec wants said and keeps the acks. */
export class Box {
  readonly acks: Ack[] = [];
  /** What came on other down topics, by topic. */
  readonly down: { readonly topic: string; readonly body: Readonly<Record<string, unknown>> }[] = [];

  private constructor(
    readonly site: string,
    private readonly client: MqttClient,
  ) {}

  static async connect(port: number, site: string): Promise<Box> {
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 50 });
    client.on('error', () => undefined);
    const box = new Box(site, client);
    client.on('message', (topic, payload) => box.heard(topic, payload.toString()));
    await client.subscribeAsync(
      ['ack/+', 'cmd', 'schedule', 'hb', 'req'].map((rest) => box.topic(rest)),
      { qos: 1 },
    );
    return box;
  }

  topic(rest: string): string {
    return `smx/1/${this.site}/${PARTY}/${rest}`;
  }

  async say(rest: string, body: object | string, how: { retain?: boolean; deflate?: boolean } = {}): Promise<void> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const payload = how.deflate === true ? deflateSync(text) : text;
    await this.client.publishAsync(this.topic(rest), payload, { qos: 1, retain: how.retain === true });
  }

  state(more: object = {}): Promise<void> {
    const state = { s: 'online', since: T0, boot: T0, epoch: 1, head: {}, cat: 'c1', clock: 'ok', version: '0.1.0' };
    return this.say('state', { ...state, ledger: null, ...more }, { retain: true });
  }

  cat(every = 0): Promise<void> {
    const point = { unit: 'W', type: 'number', kind: 'measurement', every, as: every === 0 ? 'last' : 'mean' };
    const points = ['pcc/power/active', 'pcc/voltage/l1'].map((path, i) => ({ id: i + 3, path, ...point }));
    return this.say('cat', { v: 1, hash: 'c1', points, devices: [], profiles: [] }, { retain: true });
  }

  /** Says what may be commanded, as a catalogue of its own and as the one in force. */
  async offer(hash: string, points: readonly object[], devices: readonly object[] = []): Promise<void> {
    const known = points.map((more, i) => ({ id: i + 10, unit: 'W', type: 'number', kind: 'setpoint', ...more }));
    await this.state({ cat: hash });
    await this.say('cat', { v: 1, hash, points: known, devices, profiles: [] }, { retain: true });
  }

  /** A batch of `rows` samples of two points, of which the values follow from its name. */
  batch(s: number, more: object = {}, how: { deflate?: boolean } = {}): Promise<void> {
    return this.say('t/inst', { ...batchOf(s), ...more }, how);
  }

  hasAck(seq: number, epoch = 1): boolean {
    return this.acks.some(
      ({ e, s, hw = 0 }) => e === epoch && (seq <= hw || s.some(([from, to]) => from <= seq && seq <= to)),
    );
  }

  async leave(): Promise<void> {
    await this.client.endAsync(true);
  }

  private heard(topic: string, text: string): void {
    const body = JSON.parse(text) as Record<string, unknown>;
    if (topic === this.topic('ack/inst')) this.acks.push(body as unknown as Ack);
    else this.down.push({ topic: topic.slice(this.topic('').length), body });
  }
}

/** Two rows of two points; the values tell the batch. */
export const batchOf = (s: number, e = 1): object => ({
  ...{ v: 1, e, s, cat: 'c1', t0: T0 + s * 2000, t: [0, 1000], id: [3, 4] },
  r: [
    [s, 230 + s / 10],
    [s + 0.5, null],
  ],
});

export async function until(check: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
