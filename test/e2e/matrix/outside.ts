import { MESSAGES } from '@smx-edge/northbound/messages';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020.js';
import { connectAsync, type MqttClient } from 'mqtt';
import { NOTHING, type Catalogue, type Given } from './exits.js';

/** What a broker shows of one party. */
export interface Shown {
  /** The newest `now`, values by path; empty where there is none. */
  readonly now: Readonly<Record<string, Given>>;
  readonly cat: Catalogue;
}

const nowOf = (text: string | undefined): Shown['now'] =>
  text ? (JSON.parse(text) as { v: Record<string, Given> }).v : {};
const catOf = (text: string | undefined): Catalogue => (text ? (JSON.parse(text) as Catalogue) : NOTHING);

/** A batch of the certain lane, as far as values go. */
interface Batch {
  readonly t0: number;
  readonly dt?: number;
  readonly t?: readonly number[];
  readonly id?: readonly number[];
  readonly r?: readonly (readonly Given[])[];
}

/** Schemas of what streams bring, a gap besides, by topic. */
const ajv = new Ajv2020({ strict: false });
const STREAMS = new Map<string, ValidateFunction>(
  ['inst', 'event', 'profile'].map((name) => [
    `t/${name}`,
    ajv.compile({ anyOf: [MESSAGES[name]!.schema, MESSAGES['gap']!.schema] }),
  ]),
);

const connect = (port: number): Promise<MqttClient> =>
  connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5, reconnectPeriod: 0 });

/** Everything that one link brought to the outside broker, as somebody sees it there who may read all. */
export class LinkParty implements Shown {
  received = '';
  now: Shown['now'] = {};
  cat: Catalogue = catOf(undefined);
  answers = 0;
  isOnline = false;
  readonly ever = new Map<string, Set<string>>();
  /** Rows of the certain lane by path: time (ms UTC), a blank, and the value as JSON. */
  readonly rows = new Map<string, Set<string>>();
  /** Batches by topic, and those that are not as their schema says. */
  readonly batches = new Map<string, number>();
  readonly misshapen: string[] = [];
  /** Paths by id, of every catalogue there was. */
  private readonly paths = new Map<number, string>();
  readonly topics = new Set<string>();

  constructor(
    /** Of its role. */
    readonly name: string,
    readonly base: string,
  ) {}

  take(topic: string, text: string): void {
    this.topics.add(topic);
    this.received += text;
    const kind = topic.slice(this.base.length);
    if (kind === 'state') this.isOnline ||= text.includes('"online"');
    if (kind === 'res') this.answers++;
    if (kind === 'cat') this.catalogue(catOf(text));
    const fits = STREAMS.get(kind);
    if (fits !== undefined) {
      this.batches.set(kind, (this.batches.get(kind) ?? 0) + 1);
      if (!fits(JSON.parse(text))) this.misshapen.push(`${kind} ${ajv.errorsText(fits.errors)}`);
    }
    if (kind === 't/inst') this.batch(JSON.parse(text) as Batch);
    if (kind !== 'now') return;
    this.now = nowOf(text);
    for (const [path, value] of Object.entries(this.now)) {
      const seen = this.ever.get(path) ?? new Set<string>();
      this.ever.set(path, seen.add(JSON.stringify(value)));
    }
  }

  private catalogue(cat: Catalogue): void {
    this.cat = cat;
    for (const { id, path } of cat.points) this.paths.set(id as number, path as string);
  }

  private batch({ t0, dt, t, id = [], r = [] }: Batch): void {
    for (const [i, row] of r.entries())
      for (const [column, value] of row.entries()) {
        // an id that no catalogue has is a leak of its own
        const path = this.paths.get(id[column]!) ?? `id ${id[column]}`;
        const seen = this.rows.get(path) ?? new Set<string>();
        const at = t0 + (dt === undefined ? t![i]! : i * dt);
        if (value !== null) this.rows.set(path, seen.add(`${at} ${JSON.stringify(value)}`));
      }
  }
}

/** Listens to everything at an outside broker, and sorts it by link. A message in the tree of no link is `stray`. */
export class Sniffer {
  readonly stray: string[] = [];
  readonly parties: LinkParty[] = [];

  private constructor(
    private readonly port: number,
    private readonly client: MqttClient,
  ) {}

  static async listen(port: number): Promise<Sniffer> {
    const client = await connect(port);
    const sniffer = new Sniffer(port, client);
    client.on('message', (topic, payload) => {
      const party = sniffer.parties.find(({ base }) => topic.startsWith(base));
      if (party === undefined) sniffer.stray.push(topic);
      else party.take(topic, payload.toString());
    });
    await client.subscribeAsync('#', { qos: 1 });
    return sniffer;
  }

  /**
   * Asks each link on its own connection and waits for the answer: what it sent before has come. Twice, as the first
   * may overtake a catalogue that waited for the one before it to be taken.
   */
  async settle(): Promise<void> {
    for (const round of [1, 2])
      await Promise.all(
        this.parties.map(async (party) => {
          const before = party.answers;
          await this.client.publishAsync(`${party.base}req`, JSON.stringify({ id: `${round}`, get: 'cat' }), {
            qos: 1,
          });
          while (party.answers === before) await new Promise((resolve) => setTimeout(resolve, 5));
        }),
      );
  }

  /** What the broker keeps of each party: what somebody gets who comes only now. */
  async kept(): Promise<Map<LinkParty, Shown>> {
    const client = await connect(this.port);
    const texts = new Map<string, string>();
    client.on('message', (topic, payload) => texts.set(topic, payload.toString()));
    await client.subscribeAsync('smx/#', { qos: 1 });
    // retained messages come before what is published after them
    await client.publishAsync('smx/mark', '.', { qos: 1 });
    while (!texts.has('smx/mark')) await new Promise((resolve) => setTimeout(resolve, 5));
    await client.endAsync();
    const shown = (base: string): Shown => ({
      now: nowOf(texts.get(`${base}now`)),
      cat: catOf(texts.get(`${base}cat`)),
    });
    return new Map(this.parties.map((party) => [party, shown(party.base)]));
  }

  async end(): Promise<void> {
    await this.client.endAsync(true);
  }
}
