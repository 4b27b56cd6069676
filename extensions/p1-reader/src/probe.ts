import { setTimeout as pause } from 'node:timers/promises';
import type { DiscoverStep, TestResult, Tools } from '@smx-edge/extension-api';
import { p1Slot, type P1Telegram } from '@smx-edge/protocols/p1';
import type { Health } from './line/health.js';
import { P1Line } from './line/p1-line.js';
import { settingsOf, type P1Config } from './settings.js';
import { leavesSpeed } from './speed.js';

/** Long enough for both speeds of a serial line that sends each 10 s, and within the minute a trial may take. */
const LONGEST = 55_000;

interface Found {
  readonly title: string;
  readonly data: Readonly<Record<string, unknown>>;
}

function describe(telegram: P1Telegram): Found {
  const { ident, dsmrVersion, emucsVersion, verdict, protection } = telegram;
  const version = emucsVersion !== null ? `eMUCS ${emucsVersion}` : dsmrVersion !== null ? `DSMR ${dsmrVersion}` : 'no version given'; // prettier-ignore
  const media = telegram.subMeters.map(({ medium }) => medium);
  const behind = media.length === 0 ? '' : `, with ${media.join(', ')}`;
  const objects = telegram.count + telegram.registers.length;
  const quarter = telegram.states[p1Slot('peak/quarter')] !== 0;
  return {
    title: `${ident}, ${version}${behind}`,
    data: { ident, version, verdict, protection, media, points: objects, peaks: quarter },
  };
}

/** Listens until a telegram comes; gives up after a minute. */
async function* listen(
  config: P1Config,
  tools: Tools,
): AsyncGenerator<{ found?: Found; health: Health; share: number }> {
  const settings = settingsOf(config, 'UTC');
  const raw = tools.open(settings.source);
  let found: Found | undefined;
  const line = new P1Line({
    ...settings,
    line: raw,
    searchSpeed: leavesSpeed(settings.source),
    now: tools.now,
    onTelegram: (telegram) => void (found ??= describe(telegram)),
    onFault: (error) => tools.log.warn('the speed of the line could not be set', { error }),
  });
  const ended = line.run();
  const started = tools.now();
  try {
    for (;;) {
      await Promise.race([ended, pause(500)]);
      const health = line.tick();
      const share = Math.min(1, (tools.now() - started) / LONGEST);
      yield { ...(found !== undefined && { found }), health, share };
      if (found !== undefined || share >= 1 || raw.state.status === 'closed') return;
    }
  } finally {
    await raw.close();
    await ended;
  }
}

/** Is there a meter behind this config, and can its telegrams be used? */
export async function test(config: P1Config, tools: Tools): Promise<TestResult> {
  let last = 'nothing was received';
  for await (const { found, health } of listen(config, tools)) {
    if (found !== undefined) return { ok: true, text: found.title, data: found.data };
    last = health.text;
    // without a key, waiting longer changes nothing
    if (health.code === 'encrypted-without-key' || health.code === 'wrong-key') break;
  }
  return { ok: false, text: last };
}

/** Is there a P1 port on this line? */
export async function* discover(source: string, tools: Tools): AsyncGenerator<DiscoverStep> {
  for await (const { found, health, share } of listen({ source, crc: 'accept-absent' }, tools)) {
    if (found === undefined) yield { progress: share, text: health.text };
    else yield { progress: 1, found: { title: found.title, config: { device: 'pcc', source }, data: found.data } };
    if (health.code !== 'encrypted-without-key') continue;
    const title = 'An encrypted P1 meter: set `key` to the one of the grid operator';
    yield { progress: 1, found: { title, config: { device: 'pcc', source, key: '' } } };
    return;
  }
}
