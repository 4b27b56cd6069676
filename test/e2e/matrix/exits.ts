import { get, type IncomingMessage } from 'node:http';
import { connectAsync, type MqttClient } from 'mqtt';
import type { Core } from '@smx-edge/smxcore';

/** A value as an exit gave it. */
export type Given = number | string | boolean | null;

/** What a party may see, as `cat` says it. */
export interface Catalogue {
  readonly points: readonly Readonly<Record<string, unknown>>[];
  readonly devices: readonly Readonly<Record<string, unknown>>[];
  readonly profiles: readonly { readonly device: string; readonly id: string }[];
}

export const NOTHING: Catalogue = { points: [], devices: [], profiles: [] };

interface Answer {
  readonly status: number;
  readonly text: string;
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** Everything one party gets out of a running core, over real sockets, kept as it came. */
export class Party {
  /** All that was ever received, as text: what must not be there is looked for here. */
  received = '';
  /** The newest `now`, values by path; empty where there is none. */
  now: Record<string, Given> = {};
  cat: Catalogue = NOTHING;
  /** The newest `state`; empty where there is none. */
  state: Readonly<Record<string, unknown>> = {};
  /** The newest value of each path of the stream. */
  readonly stream = new Map<string, Given>();
  /** Every value that `now` or the stream ever gave, by path, as JSON. */
  readonly ever = new Map<string, Set<string>>();
  readonly topics = new Set<string>();
  streamEnded = false;
  brokerEnded = false;
  /** Why the stream ended, as it was told. */
  streamEnd = '';
  private rest = '';
  private live: IncomingMessage | undefined;

  private constructor(
    readonly name: string,
    private readonly token: string,
    private readonly core: Core,
    private readonly client: MqttClient,
  ) {}

  static async enter(core: Core, name: string, expires?: number): Promise<Party> {
    const { token } = await core.principals.createToken({ role: name, ...(expires === undefined ? {} : { expires }) });
    const client = await connectAsync(`mqtt://127.0.0.1:${core.broker!.port}`, {
      ...{ username: name, password: token, reconnectPeriod: 0 },
    });
    const party = new Party(name, token, core, client);
    client.on('error', () => undefined);
    client.on('close', () => (party.brokerEnded = true));
    client.on('message', (topic, payload) => party.message(topic, payload.toString()));
    await client.subscribeAsync('#', { qos: 1 });
    await party.listen();
    return party;
  }

  ask(path: string, accept = 'application/json'): Promise<Answer> {
    return new Promise((resolve, reject) => {
      get(`${this.core.url}${path}`, { headers: { ...bearer(this.token), accept } }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('error', reject);
        response.on('end', () => {
          this.received += text;
          resolve({ status: response.statusCode!, text });
        });
      }).on('error', reject);
    });
  }

  /** An answer as JSON; `otherwise` where it was refused. */
  async json<T>(path: string, otherwise: T): Promise<T> {
    const { status, text } = await this.ask(path);
    return status === 200 ? (JSON.parse(text) as T) : otherwise;
  }

  /** A round trip on the broker: what was sent to this party before has come. */
  async settle(): Promise<void> {
    if (this.brokerEnded) return;
    await this.client.publishAsync(`smx/1/matrix/${this.name}/hb`, '{}', { qos: 1 });
  }

  close(): void {
    this.client.end(true);
    this.live?.destroy();
  }

  private message(topic: string, text: string): void {
    this.topics.add(topic);
    this.received += text;
    if (topic.endsWith('/state')) this.state = text === '' ? {} : (JSON.parse(text) as Party['state']);
    if (topic.endsWith('/cat')) this.cat = text === '' ? NOTHING : (JSON.parse(text) as Catalogue);
    if (!topic.endsWith('/now')) return;
    this.now = text === '' ? {} : (JSON.parse(text) as { v: Record<string, Given> }).v;
    for (const [path, value] of Object.entries(this.now)) this.note(path, value);
  }

  private listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      get(`${this.core.url}/api/v1/stream`, { headers: bearer(this.token) }, (response) => {
        this.live = response;
        response.setEncoding('utf8').on('data', (chunk: string) => this.chunk(chunk));
        response.on('close', () => (this.streamEnded = true));
        response.on('error', () => undefined);
        resolve();
      }).on('error', reject);
    });
  }

  private chunk(chunk: string): void {
    this.received += chunk;
    const blocks = (this.rest + chunk).split('\n\n');
    this.rest = blocks.pop()!;
    for (const block of blocks) {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      if (event === 'end') this.streamEnd = data!;
      if (event !== 'sample' && event !== 'gone') continue;
      const { path, v } = JSON.parse(data!) as { path: string; v: Given };
      if (event === 'gone') this.stream.delete(path);
      else {
        this.stream.set(path, v);
        this.note(path, v);
      }
    }
  }

  private note(path: string, value: Given): void {
    let seen = this.ever.get(path);
    if (seen === undefined) this.ever.set(path, (seen = new Set()));
    seen.add(JSON.stringify(value));
  }
}
