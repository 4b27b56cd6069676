import type { DiscoverStep, TestResult, Tools } from '@smx-edge/extension-api';
import { describeError, isSmxError } from '@smx-edge/model';
import { BlockFramer, decodeDataSets, type Identification } from '@smx-edge/protocols/iec62056-21';
import { IecLine } from './line/iec-line.js';
import { familyBy, PROFILES } from './profile/profiles.js';
import { serialOf } from './points/serial.js';
import { settingsOf, type IecConfig } from './settings.js';

/** A trial may take a minute; a readout at 300 baud takes longer, and is left then, ms. */
const READS = 45_000;
const LISTENS = 12_000;
/** Speeds of meters that send unasked: of mode D, and of the German D0. */
const PUSH_BAUDS = [9600, 2400] as const;

interface Found {
  readonly identification: Identification;
  /** The readout, where it came in time. */
  readonly text: string | undefined;
}

/** Signs on once and waits for the readout. Rejects as a conversation does. */
async function look(config: IecConfig, tools: Tools): Promise<Found> {
  const { line: settings, meters } = settingsOf(config, 'UTC');
  const [meter] = meters;
  let identification: Identification | undefined;
  const line = new IecLine({
    settings,
    isShared: false,
    open: () => tools.open(settings.source, { idle: 0 }),
    now: tools.now,
    met: (one) => (identification = one),
  });
  let late: NodeJS.Timeout | undefined;
  try {
    const reading = line.converse(meter!, { family: meter!.family(), mode: 'readout' });
    const over = new Promise<undefined>((resolve) => (late = setTimeout(() => resolve(undefined), READS)));
    // who has said who it is was found, whatever becomes of its readout
    const answer = await Promise.race([reading, over]).catch((error: unknown) => {
      if (identification === undefined) throw error;
      return undefined;
    });
    reading.catch(() => undefined);
    if (identification === undefined) await reading;
    return { identification: identification!, text: answer?.answer?.text };
  } finally {
    clearTimeout(late);
    await line.close();
  }
}

/** Waits for a telegram of a meter that sends unasked. */
async function listen(config: IecConfig, tools: Tools): Promise<Found | undefined> {
  const { line: settings } = settingsOf(config, 'UTC');
  const raw = tools.open(settings.source, { idle: 0 });
  let late: NodeJS.Timeout | undefined;
  try {
    const heard = new Promise<Found>((resolve) => {
      let identification: Identification | undefined;
      const framer = new BlockFramer((message) => {
        if (message.kind === 'identification') ({ identification } = message);
        if (identification === undefined || (message.kind !== 'telegram' && message.kind !== 'block')) return;
        resolve({ identification, text: message.data });
      });
      void (async () => {
        for await (const chunk of raw) framer.push(chunk);
      })();
    });
    const over = new Promise<undefined>((resolve) => (late = setTimeout(() => resolve(undefined), LISTENS)));
    return await Promise.race([heard, over]);
  } finally {
    clearTimeout(late);
    await raw.close();
  }
}

function describe({ identification, text }: Found): { readonly title: string; readonly data: Record<string, unknown> } {
  const { manufacturer, text: type, escapes, baud, mode } = identification;
  const sets = decodeDataSets(text ?? '');
  const serial = serialOf(sets);
  const family = familyBy(identification);
  const offers = escapes.includes('2') ? '; it offers DLMS as well, which meter-dlms reads' : '';
  const count = text === undefined ? 'its readout takes longer than a trial' : `${sets.length} data sets`;
  return {
    title: `${manufacturer} ${type}, serial ${serial ?? 'unknown'}, ${count}${offers}`,
    data: { manufacturer, type, serial: serial ?? null, family: PROFILES[family]!.title, mode, baud: baud ?? null, addresses: sets.map(({ address }) => address) }, // prettier-ignore
  };
}

const reasonOf = (error: unknown): string => (isSmxError(error) ? error.message : describeError(error));

/** Is there a meter behind this config? Nothing that needs a password is tried, because meters count wrong ones. */
export async function test(config: IecConfig, tools: Tools): Promise<TestResult> {
  try {
    const found = config.mode === 'D' ? await listen(config, tools) : await look(config, tools);
    if (found === undefined) return { ok: false, text: 'No telegram came' };
    const { title, data } = describe(found);
    return { ok: true, text: title, data };
  } catch (error) {
    return { ok: false, text: reasonOf(error) };
  }
}

/** What meter is on this line, and what does it print? */
export async function* discover(source: string, tools: Tools): AsyncGenerator<DiscoverStep> {
  const asked: IecConfig = { device: 'pcc', source };
  yield { progress: 0, text: 'signing on at 300 baud' };
  try {
    const found = await look(asked, tools);
    const profile = familyBy(found.identification);
    const { title, data } = describe(found);
    yield { progress: 1, found: { title, config: { ...asked, profile }, data } };
    return;
  } catch (error) {
    yield { progress: 0.3, text: reasonOf(error) };
  }
  const speeds = source.startsWith('serial:') && !/[?&]baud=/.test(source) ? PUSH_BAUDS : [undefined];
  for (const [i, baud] of speeds.entries()) {
    yield { progress: 0.4 + 0.3 * i, text: `listening for a meter that sends unasked${baud === undefined ? '' : ` at ${baud} baud`}` }; // prettier-ignore
    const at = baud === undefined ? source : `${source}${source.includes('?') ? '&' : '?'}baud=${baud}`;
    const config: IecConfig = { device: 'pcc', source: at, mode: 'D' };
    const found = await listen(config, tools);
    if (found === undefined) continue;
    const { title, data } = describe(found);
    yield { progress: 1, found: { title, config: { ...config }, data } };
    return;
  }
  yield { progress: 1, text: 'No meter answers, and none sends; on a line with several give `address`' };
}
