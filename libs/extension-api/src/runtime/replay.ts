import { SmxError, VirtualClock } from '@smx-edge/model';
import type { ExtensionDefinition } from '../define.js';
import type { Capture } from '../transports/capture.js';
import { ReconnectingLine } from '../transports/line.js';
import { runExtension, type Harness, type HarnessOptions } from './run-extension.js';
import { Tape } from './tape.js';

export interface ReplayOptions<Config> extends Pick<HarnessOptions<Config>, 'instance' | 'timezone' | 'state'> {
  readonly config: Config;
  readonly capture: Capture;
  /** Called whenever the extension has come to rest; `now` is the virtual time, ms UTC. */
  onRest?(seen: Harness['seen'], now: number): void;
}

const MOST_TURNS = 100;
const NO_BEGIN = Date.UTC(2026, 0, 1);
/** Virtual time in which a driver may open its line. */
const PATIENCE = 60_000;

/**
 * Runs an extension on a capture instead of its line, in virtual time as fast as it goes, and stops it: the same capture
 * gives the same values each time. What it said stays in `seen`. Rejects with what its start threw, or
 * SMX_TRANSPORT_ABSENT where it opened no line.
 */
export async function replay<Config>(
  extension: ExtensionDefinition<Config>,
  o: ReplayOptions<Config>,
): Promise<Harness> {
  const begin = o.capture.begin ?? NO_BEGIN;
  const clock = new VirtualClock(begin);
  let said = 0;
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      const before = said;
      await nextTurn();
      await nextTurn();
      if (said === before) break;
    }
    o.onRest?.(run.seen, clock.now());
  };
  const tape = new Tape(clock, settle);
  const run = runExtension(extension, {
    config: o.config,
    clock,
    lines: {
      openLine: (source, options) => new ReconnectingLine(tape.connector(source), options),
      listenLines: (source) => {
        throw new SmxError('SMX_NOT_AVAILABLE', `A capture cannot be replayed to a driver that listens (${source})`);
      },
    },
    ...(o.instance === undefined ? {} : { instance: o.instance }),
    ...(o.timezone === undefined ? {} : { timezone: o.timezone }),
    ...(o.state === undefined ? {} : { state: o.state }),
  });
  const unwatch = run.seen.watch(() => said++);
  try {
    await settle();
    for (let waited = 0; !tape.isOpen && run.seen.failed === undefined && waited < PATIENCE; waited += 1000) {
      clock.advance(1000);
      await settle();
    }
    const { failed } = run.seen;
    if (failed !== undefined) throw new SmxError('SMX_EXTENSION_START', `${failed.code}: ${failed.message}`);
    if (!tape.isOpen) throw new SmxError('SMX_TRANSPORT_ABSENT', 'The extension opened no line to replay to');
    await tape.play(o.capture.records, clock.now());
  } finally {
    await run.stop();
    await settle();
    unwatch();
  }
  return run;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
