import { setTimeout as pause } from 'node:timers/promises';
import type { DiscoverStep, MqttLink, TestResult, Tools } from '@smx-edge/extension-api';
import { describeError, isSmxError } from '@smx-edge/model';
import { decodeObisJson } from '@smx-edge/protocols/obis-json';
import { decodeCatalogue, decodeState, decodeTopic } from '@smx-edge/protocols/smx1';
import { textOf } from './reading/payload.js';
import { settingsOf, type Settings, type UsmConfig } from './settings.js';

/** An SMX says at once who it is, an SMXCore each few seconds, ms. */
const LISTENS = { smx: 3000, s4g: 11_000 } as const;
const LOOK = 100;

/** Someone who tells on a broker. */
interface Sender {
  readonly title: string;
  readonly config: UsmConfig;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Hears who tells on the broker, for at most so long; `enough` ends it sooner. Rejects nothing: a broker that is not there is the reason. */
async function* hear(
  settings: Settings,
  tools: Tools,
): AsyncGenerator<{
  readonly senders: readonly Sender[];
  readonly reason: string | undefined;
  readonly share: number;
}> {
  const { source, password, format } = settings;
  const link = tools.mqtt(source, password === undefined ? {} : { password });
  const found = new Map<string, Sender>();
  if (format === 'smx') hearBoxes(link, settings, found);
  else hearGateways(link, settings, found);
  const began = tools.now();
  const longest = LISTENS[format];
  try {
    for (;;) {
      await pause(LOOK);
      const share = Math.min(1, Math.abs(tools.now() - began) / longest);
      const { status, text } = link.state;
      yield { senders: [...found.values()], reason: status === 'connecting' ? text : undefined, share };
      if (share >= 1) return;
    }
  } finally {
    await link.close();
  }
}

function hearBoxes(link: MqttLink, settings: Extract<Settings, { format: 'smx' }>, found: Map<string, Sender>): void {
  const { site: asked = '+', party: as = '+', source } = settings;
  const known = new Map<string, { state?: string; points?: number; devices?: readonly string[] }>();
  for (const kind of ['state', 'cat'])
    link.subscribe(`smx/1/${asked}/${as}/${kind}`, ({ topic, payload }) => {
      const sender = decodeTopic(topic);
      const text = textOf(payload);
      if (sender === undefined || text === undefined) return;
      const { site, party } = sender;
      const name = `${site}/${party}`;
      const before = known.get(name) ?? {};
      const state = kind === 'state' ? decodeState(text) : undefined;
      const catalogue = kind === 'cat' ? decodeCatalogue(text) : undefined;
      if (state === undefined && catalogue === undefined) return;
      const now = {
        ...before,
        ...(state !== undefined && { state: state.status }),
        ...(catalogue !== undefined && {
          points: catalogue.points.length,
          devices: catalogue.devices.map(({ name: device }) => device),
        }),
      };
      known.set(name, now);
      const shown =
        now.points === undefined
          ? 'its catalogue did not come'
          : `${now.points} points of ${(now.devices ?? []).join(', ')}`;
      found.set(name, {
        title: `SMX ${site}, ${now.state ?? 'state unknown'}, as ${party}: ${shown}`,
        config: { source, format: 'smx', site, party, prefix: prefixOf(site) },
        data: { site, party, ...now },
      });
    });
}

function hearGateways(
  link: MqttLink,
  settings: Extract<Settings, { format: 's4g' }>,
  found: Map<string, Sender>,
): void {
  const { gateway: asked = '+', source } = settings;
  link.subscribe(`${asked}/Data`, ({ topic, payload }) => {
    const gateway = topic.slice(0, -'/Data'.length);
    const text = textOf(payload);
    const message = text === undefined ? undefined : decodeObisJson(text);
    if (message === undefined || message.readings.length === 0) return;
    const [first] = message.readings;
    found.set(gateway, {
      title: `SMXCore ${gateway}: ${message.readings.length} registers, read ${first?.readAt ?? 'at no time given'}`,
      config: { source, format: 's4g', gateway, prefix: prefixOf(gateway) },
      data: { gateway, registers: message.readings.map(({ obis }) => obis), readAt: first?.readAt ?? null },
    });
  });
}

/** A name for its devices, of what it is called. */
function prefixOf(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .slice(0, 40);
  return /^[a-z0-9_]/.test(plain) ? plain : `remote-${plain}`.slice(0, 40);
}

/** Does what this config names tell on that broker? */
export async function test(config: UsmConfig, tools: Tools): Promise<TestResult> {
  const settings = settingsOf(config, { instance: 'remote', timezone: 'UTC' });
  let last: string | undefined;
  for await (const { senders, reason } of hear(settings, tools)) {
    last = reason;
    // a box tells its catalogue right behind its state
    const [only] = senders.filter(({ data }) => settings.format === 's4g' || data['points'] !== undefined);
    if (only !== undefined && senders.length === 1) return { ok: true, text: only.title, data: only.data };
    if (senders.length > 1)
      return { ok: false, text: `Several tell there: ${senders.map(({ title }) => title).join('; ')}` };
  }
  return { ok: false, text: last ?? `Nobody tells there as ${settings.format} has it; ${HINTS[settings.format]}` };
}

const HINTS = {
  smx: 'is `party` the name of this party at the other box, and has its role grants?',
  s4g: 'is `gateway` what stands before /Data?',
} as const;

/** Who tells on this broker: boxes as smx/1, then gateways of Storage4Grid. */
export async function* discover(source: string, tools: Tools): AsyncGenerator<DiscoverStep> {
  for (const [i, format] of (['smx', 's4g'] as const).entries()) {
    const told = new Set<string>();
    let senders: readonly Sender[] = [];
    let last: string | undefined;
    try {
      const settings = settingsOf({ source, format }, { instance: 'remote', timezone: 'UTC' });
      for await (const step of hear(settings, tools)) {
        ({ senders, reason: last } = step);
        yield {
          progress: (i + step.share) / 2,
          text: step.reason ?? `listening for ${format === 'smx' ? 'SMXs' : 'gateways of Storage4Grid'}`,
        };
      }
    } catch (error) {
      last = isSmxError(error) ? error.message : describeError(error);
    }
    for (const { title, config, data } of senders) {
      if (told.has(title)) continue;
      told.add(title);
      yield { progress: (i + 1) / 2, found: { title, config: { ...config }, data } };
    }
    if (senders.length === 0) yield { progress: (i + 1) / 2, text: last ?? 'nobody tells so' };
  }
}
