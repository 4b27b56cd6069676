import type { Tools } from '@smx-edge/extension-api';
import { systemClock, type Clock } from '@smx-edge/model';
import { BlockFramer, type Identification } from '@smx-edge/protocols/iec62056-21';
import { IecLine } from './line/iec-line.js';
import { pause } from './line/pause.js';
import { setPushSpeed } from './line/push-speed.js';
import { settingsOf, type IecConfig } from './settings.js';

/** Between two words on how far a readout is, ms. */
const TOLD = 5000;
/** A telegram is awaited for as long as something comes, but no longer than so, ms. */
const QUIET = 12_000;
const LISTENS = 40_000;

/** What is on a line. */
export interface Found {
  readonly identification: Identification;
  /** The readout, where it came whole and in time. */
  readonly text: string | undefined;
}

/** A readout under way. */
export interface Heard {
  readonly identification: Identification;
  /** That came so far. */
  readonly characters: number;
  /** Characters a second. */
  readonly rate: number;
}

export interface TrialOptions {
  readonly tools: Tools;
  /** For intervals; default that of the system. */
  readonly clock?: Clock | undefined;
}

/**
 * Signs on once and reads out. Who does not answer, or stops, is given up by the conversation; one that goes on is left after
 * `most` ms. Tells every few seconds how much came; rejects as a conversation does where nobody said who it is.
 */
export async function* look(
  config: IecConfig,
  { tools, clock = systemClock, most }: TrialOptions & { readonly most: number },
): AsyncGenerator<Heard, Found> {
  const { line: settings, meters } = settingsOf(config, 'UTC');
  const [meter] = meters;
  const began = clock.monotonic();
  let identification: Identification | undefined;
  let metAt = began;
  let characters = 0;
  const line = new IecLine({
    ...{ settings, clock, isShared: false, now: tools.now },
    open: () => tools.open(settings.source, { idle: 0 }),
    met: (one) => {
      identification = one;
      [metAt, characters] = [clock.monotonic(), 0];
    },
    heard: (bytes) => (characters += bytes),
  });
  const reading = line.converse(meter!, { family: meter!.family(), mode: 'readout' }).then(
    ({ answer }) => ({ text: answer?.text }),
    (error: unknown) => {
      // who has said who it is was found, whatever becomes of its readout
      if (identification === undefined) throw error;
      return { text: undefined };
    },
  );
  // whoever asked may leave before it ends
  reading.catch(() => undefined);
  try {
    for (let left = most; ; left = most - (clock.monotonic() - began)) {
      const ended = await Promise.race([reading, pause(clock, Math.min(TOLD, Math.max(1, left)))]);
      const by = identification;
      if (by === undefined) continue;
      if (ended !== undefined) return { identification: by, text: ended.text };
      if (clock.monotonic() - began >= most) return { identification: by, text: undefined };
      const rate = Math.round((1000 * characters) / Math.max(1, clock.monotonic() - metAt));
      yield { identification: by, characters, rate };
    }
  } finally {
    await line.close();
  }
}

/** Waits for a telegram of a meter that sends unasked: undefined where the line is quiet, or what comes is none. */
export async function listen(
  config: IecConfig,
  { tools, clock = systemClock }: TrialOptions,
): Promise<Found | undefined> {
  const { line: settings } = settingsOf(config, 'UTC');
  const raw = tools.open(settings.source, { idle: 0 });
  const began = clock.monotonic();
  let heardAt = began;
  let found: Found | undefined;
  let identification: Identification | undefined;
  const framer = new BlockFramer((message) => {
    if (message.kind === 'identification') ({ identification } = message);
    if (identification === undefined || (message.kind !== 'telegram' && message.kind !== 'block')) return;
    found ??= { identification, text: message.data };
  });
  const hearing = (async () => {
    for await (const chunk of raw) {
      heardAt = clock.monotonic();
      framer.push(chunk);
      if (found !== undefined) break;
    }
    return true;
  })();
  try {
    await setPushSpeed(raw, settings);
    for (;;) {
      const now = clock.monotonic();
      const left = Math.min(heardAt + QUIET, began + LISTENS) - now;
      if (left <= 0 || (await Promise.race([hearing, pause(clock, left)])) === true) return found;
    }
  } finally {
    await raw.close();
  }
}
