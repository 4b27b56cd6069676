import { setTimeout as pause } from 'node:timers/promises';
import type { DiscoverStep, InstanceState, TestResult, Tools } from '@smx-edge/extension-api';
import { describeError, isSmxError } from '@smx-edge/model';
import { MeterLine } from './line/meter-line.js';
import { catalogueOf } from './objects/catalogue.js';
import { pick } from './points/selection.js';
import { isUdp, settingsOf, type DlmsConfig } from './settings.js';

/** The line has this long to open, ms. */
const OPENS = 5000;
const LOOK = 50;
/** A trial asks little, so that a meter is silent sooner, ms. */
const SILENCE = 1000;

interface Found {
  readonly title: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a trial knows it forgets; so a trial never uses counters of the instance and is not for ciphered meters. */
function forgetful(): InstanceState {
  const kept = new Map<string, unknown>();
  return {
    get: async <T>(key: string) => kept.get(key) as T | undefined,
    set: async (key, value) => void kept.set(key, value),
  };
}

/** Associates once and reads the object list. Rejects as a session does. */
async function look(config: DlmsConfig & { source: string }, tools: Tools): Promise<Found> {
  const settings = settingsOf(config, 'UTC');
  const state = forgetful();
  const raw = tools.open(config.source, { idle: 0, remote: true });
  const line = new MeterLine({ line: raw, settings, state, silence: SILENCE });
  const ended = line.run();
  try {
    for (let waited = 0; raw.state.status === 'connecting' && waited < OPENS; waited += LOOK) await pause(LOOK);
    const [meter] = settings.meters;
    const session = await line.open(meter!);
    const catalogue = await catalogueOf(session, { key: 'objects', state, profile: meter!.profile, log: tools.log });
    const { serial, firmware } = catalogue.identity;
    const points = pick(catalogue, meter!.profile.points).picked.map(({ path, object }) => [path, object.obis]);
    await session.release();
    const objects = catalogue.objects.map(({ obis, classId }) => ({ obis, classId }));
    return {
      title: `${meter!.profile.title}, serial ${serial ?? 'unknown'}, ${objects.length} objects`,
      data: { serial, firmware, points: Object.fromEntries(points) as Record<string, string>, objects },
    };
  } finally {
    await raw.close();
    await ended;
  }
}

/** Is there a meter behind this config that takes this client and password? Asked once: meters count wrong passwords. */
export async function test(config: DlmsConfig, tools: Tools): Promise<TestResult> {
  const { source } = config;
  if (source === undefined) return { ok: false, text: 'A meter that only pushes is waited for, and cannot be asked' };
  if (config.security !== undefined)
    return { ok: false, text: 'A ciphered meter is not tried beside its instance, whose counters it would use up' };
  try {
    const { title, data } = await look({ ...config, source }, tools);
    return { ok: true, text: title, data };
  } catch (error) {
    return { ok: false, text: isSmxError(error) ? error.message : describeError(error) };
  }
}

/** Ways in that need no password, so that no meter is brought nearer to its lock. */
const WAYS: readonly Partial<DlmsConfig>[] = [
  { profile: 'generic', transport: 'hdlc' },
  { profile: 'landis-gyr-zmd', transport: 'hdlc', client: 16, auth: 'none' },
  { profile: 'generic', transport: 'mode-e' },
  { profile: 'landis-gyr-zmd', transport: 'mode-e', client: 16, auth: 'none' },
];
const DATAGRAM_WAYS: readonly Partial<DlmsConfig>[] = [{ profile: 'generic', transport: 'wrapper' }];
const NETWORK_WAYS: readonly Partial<DlmsConfig>[] = [...DATAGRAM_WAYS, ...WAYS.slice(0, 2)];

/** What meter is on this line, and which points would it give? */
export async function* discover(source: string, tools: Tools): AsyncGenerator<DiscoverStep> {
  const ways = isUdp(source) ? DATAGRAM_WAYS : source.startsWith('serial:') ? WAYS : NETWORK_WAYS;
  const silent = new Set<string | undefined>();
  for (const [i, way] of ways.entries()) {
    // who does not answer at all does not do so under another name either
    if (silent.has(way.transport)) continue;
    const config = { device: 'pcc', source, ...way };
    yield { progress: i / ways.length, text: `trying ${way.transport ?? ''} as ${way.profile ?? ''}` };
    try {
      const { title, data } = await look(config, tools);
      yield { progress: 1, found: { title, config, data } };
      return;
    } catch (error) {
      if (isSmxError(error) && error.code === 'SMX_METER_SILENT') silent.add(way.transport);
      yield { text: isSmxError(error) ? error.message : describeError(error) };
    }
  }
  yield { progress: 1, text: 'No meter that can be read without a password; set profile, client and password by hand' };
}
