import { defineExtension, type SmxContext } from '@smx-edge/extension-api';
import { SmxError } from '@smx-edge/model';
import { discover, test } from './probe.js';
import { loadCalls } from './loads/calls.js';
import { Reader } from './reader.js';
import type { S1Config } from './settings.js';

/** What runs in this process, by its context: a call finds its instance. */
const running = new WeakMap<object, Reader>();

async function start(smx: SmxContext<S1Config>): Promise<void> {
  const reader = await Reader.open(smx);
  running.set(smx, reader);
  await reader.run();
}

function readerOf(smx: object): Reader {
  const found = running.get(smx);
  if (found === undefined) throw new SmxError('SMX_EXTENSION_CALL', 'The reader is not up yet; try again in a moment');
  return found;
}

const NO_ARGUMENTS = { type: 'object', properties: {}, additionalProperties: false } as const;
const CYCLES = {
  type: 'object',
  properties: { cycles: { type: 'integer', minimum: 1, maximum: 50 } },
  additionalProperties: false,
} as const;

/** Reads an S1 port: power quality of the connection from each sample of voltage and current, which themselves stay in RAM. */
export default defineExtension<S1Config>({
  start,
  test,
  discover,
  calls: {
    /** The last `cycles` of the mains (4 where not said), V and A. Like phasors and spectrum it tells what runs in the house. */
    scope: {
      args: CYCLES,
      personal: true,
      run: (args, smx) => readerOf(smx).meter.scope((args as { cycles?: number }).cycles ?? 4),
    },
    /** Fundamentals of voltages and currents: RMS in V or A, and degrees ahead of the first voltage. */
    phasors: { args: NO_ARGUMENTS, personal: true, run: (_args, smx) => readerOf(smx).meter.phasors() },
    /** Harmonics of voltages and currents in V and A by their order. */
    spectrum: { args: NO_ARGUMENTS, personal: true, run: (_args, smx) => readerOf(smx).meter.harmonics() },
    /** The weeks after EN 50160: the one that goes on, and those that are over. */
    week: { args: NO_ARGUMENTS, run: (_args, smx) => readerOf(smx).weeks },
    ...loadCalls((smx) => readerOf(smx).loads),
    /** What the line gave and lost. */
    counters: { args: NO_ARGUMENTS, run: (_args, smx) => ({ ...readerOf(smx).counts }) },
  },
});
