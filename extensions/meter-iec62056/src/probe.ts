import type { DiscoverStep, TestResult, Tools } from '@smx-edge/extension-api';
import { describeError, isSmxError, systemClock, type Clock } from '@smx-edge/model';
import { listen, look, type Found, type Heard } from './trial.js';
import { decodeDataSets } from '@smx-edge/protocols/iec62056-21';
import { familyBy, PROFILES } from './profile/profiles.js';
import { serialOf } from './points/serial.js';
import type { IecConfig } from './settings.js';

/** A test of a config is to end within a minute; a readout at 300 baud takes longer, and is left then, ms. */
const TEST = 45_000;
/** A discovery may take a quarter of an hour, which 20,000 characters at 300 baud do not need, ms. */
const DISCOVERY = 720_000;
/** What a readout has at most as a rule, characters: only for how far along it looks. */
const LONG = 2000;
/** Speeds of meters that send unasked: of mode D, and of the German D0. */
const PUSH_BAUDS = [9600, 2400] as const;

function describe({ identification, text }: Found): { readonly title: string; readonly data: Record<string, unknown> } {
  const { manufacturer, text: type, escapes, baud, mode } = identification;
  const sets = decodeDataSets(text ?? '');
  const serial = serialOf(sets);
  const family = familyBy(identification);
  const offers = escapes.includes('2') ? '; it offers DLMS as well, which meter-dlms reads' : '';
  const count = text === undefined ? 'its readout did not come whole' : `${sets.length} data sets`;
  return {
    title: `${manufacturer} ${type}, serial ${serial ?? 'unknown'}, ${count}${offers}`,
    data: { manufacturer, type, serial: serial ?? null, family: PROFILES[family]!.title, mode, baud: baud ?? null, addresses: sets.map(({ address }) => address) }, // prettier-ignore
  };
}

const reasonOf = (error: unknown): string => (isSmxError(error) ? error.message : describeError(error));

/** How far a readout is: the more has come, the nearer its end. */
function stepOf({ identification, characters, rate }: Heard): DiscoverStep {
  const { manufacturer, text } = identification;
  const said = `${manufacturer} ${text} reads out: ${characters} characters so far, ${rate} a second`;
  return { progress: 0.05 + 0.9 * (characters / (characters + LONG)), text: said };
}

/** Is there a meter behind this config? Nothing that needs a password is tried, because meters count wrong ones. */
export async function test(config: IecConfig, tools: Tools): Promise<TestResult> {
  try {
    const found = config.mode === 'D' ? await listen(config, { tools }) : await lookWithin(TEST, config, tools);
    if (found === undefined) return { ok: false, text: 'No telegram came' };
    const { title, data } = describe(found);
    return { ok: true, text: title, data };
  } catch (error) {
    return { ok: false, text: reasonOf(error) };
  }
}

async function lookWithin(most: number, config: IecConfig, tools: Tools): Promise<Found> {
  const trial = look(config, { tools, most });
  for (;;) {
    const step = await trial.next();
    if (step.done === true) return step.value;
  }
}

/** What meter is on this line, and what does it print? At 300 baud that takes minutes, of which is told meanwhile. */
export async function* discover(
  source: string,
  tools: Tools,
  clock: Clock = systemClock,
): AsyncGenerator<DiscoverStep> {
  const asked: IecConfig = { device: 'pcc', source };
  yield { progress: 0, text: 'signing on at 300 baud' };
  try {
    const trial = look(asked, { tools, clock, most: DISCOVERY });
    let step = await trial.next();
    for (; step.done !== true; step = await trial.next()) yield stepOf(step.value);
    const { title, data } = describe(step.value);
    yield { progress: 1, found: { title, config: { ...asked, profile: familyBy(step.value.identification) }, data } };
    return;
  } catch (error) {
    yield { progress: 0.3, text: reasonOf(error) };
  }
  const speeds = source.startsWith('serial:') && !/[?&]baud=/.test(source) ? PUSH_BAUDS : [undefined];
  for (const [i, baud] of speeds.entries()) {
    yield { progress: 0.4 + 0.3 * i, text: `listening for a meter that sends unasked${baud === undefined ? '' : ` at ${baud} baud`}` }; // prettier-ignore
    const at = baud === undefined ? source : `${source}${source.includes('?') ? '&' : '?'}baud=${baud}`;
    const config: IecConfig = { device: 'pcc', source: at, mode: 'D' };
    const found = await listen(config, { tools, clock });
    if (found === undefined) continue;
    const { title, data } = describe(found);
    yield { progress: 1, found: { title, config: { ...config }, data } };
    return;
  }
  yield { progress: 1, text: 'No meter answers, and none sends; on a line with several give `address`' };
}
