import { connectAsync, type IPublishPacket, type MqttClient } from 'mqtt';
import { silentLog, systemClock, type NewLedgerEntry } from '@smx-edge/model';
import { Links, type LinksOptions } from '../src/link/links.js';
import type { LinkOptions, LinkStatus } from '../src/link/link-options.js';
import { FixtureGate, SITE } from './fixture.js';

/** Links of a small house on whatever broker they are pointed at. */
export interface LinkBench {
  readonly links: Links;
  readonly gate: FixtureGate;
  readonly ledger: NewLedgerEntry[];
  add(options: Partial<LinkOptions> & Pick<LinkOptions, 'name' | 'url'>): void;
  status(name: string): LinkStatus;
  stop(): Promise<void>;
}

const LANE = { batch: 1000, ack: 'consumer', order: 'oldest-first' } as const;

/** `random` 0.02: tries come fast, one after the other. */
export function linkBench(options: Partial<LinksOptions> = {}): LinkBench {
  const gate = new FixtureGate();
  const ledger: NewLedgerEntry[] = [];
  const links = new Links({
    site: SITE,
    version: '0.0.0-test',
    epoch: 7,
    clock: systemClock,
    log: silentLog,
    random: () => 0.02,
    clockState: () => 'ok',
    ...options,
    gate,
    live: { onCatalogue: () => ({ dispose: () => undefined }) },
    ledger: { append: (entry) => void ledger.push(entry), ledgerHead: 'abcd' },
  });
  return {
    links,
    gate,
    ledger,
    add: (link) => links.add({ role: 'any', now: 50, compress: false, access: () => ({}), lane: LANE, ...link }),
    status: (name) => links.list().find((one) => one.name === name)!,
    stop: () => links.stop(),
  };
}

/** Everything that arrives at an outside broker. */
export interface Sniffer {
  readonly client: MqttClient;
  readonly packets: IPublishPacket[];
  /** Payloads of a topic in order, as text. */
  texts(topic: string): string[];
  json(topic: string): Record<string, unknown>[];
  end(): Promise<void>;
}

export async function sniff(port: number, filter = '#'): Promise<Sniffer> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5, reconnectPeriod: 0 });
  const packets: IPublishPacket[] = [];
  client.on('message', (_topic, _payload, packet) => void packets.push(packet));
  await client.subscribeAsync(filter, { qos: 1, rap: true });
  const texts = (topic: string): string[] =>
    packets.filter((packet) => packet.topic === topic).map((packet) => packet.payload.toString());
  return {
    client,
    packets,
    texts,
    json: (topic) =>
      texts(topic)
        .filter((text) => text !== '')
        .map((text) => JSON.parse(text) as Record<string, unknown>),
    end: () => client.endAsync(true),
  };
}
