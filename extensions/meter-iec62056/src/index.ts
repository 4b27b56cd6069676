import { Alarms, defineExtension, type SmxContext } from '@smx-edge/extension-api';
import { SmxError } from '@smx-edge/model';
import { discover, test } from './probe.js';
import { lineReader, type LineReader } from './reading/line-reader.js';
import type { IecConfig } from './settings.js';

/** What runs in this process, by its context: a call finds its instance. */
const running = new WeakMap<object, LineReader>();

async function start(smx: SmxContext<IecConfig>): Promise<void> {
  const reader = lineReader(smx, await Alarms.load(smx.state, smx.log));
  running.set(smx, reader);
  await reader.run();
}

function readerOf(smx: object): LineReader {
  const found = running.get(smx);
  if (found === undefined) throw new SmxError('SMX_EXTENSION_CALL', 'The reader is not up yet; try again in a moment');
  return found;
}

const NO_ARGUMENTS = { type: 'object', properties: {}, additionalProperties: false } as const;

/** Reads billing meters over IEC 62056-21 (IEC 1107). It has no way to write to one. */
export default defineExtension<IecConfig>({
  start,
  test,
  discover,
  calls: {
    /** How each meter fares, and up to where its load profiles are here. */
    meters: {
      args: NO_ARGUMENTS,
      run: (_args, smx) =>
        readerOf(smx).meters.map(({ device, state, reached }) => ({ device: device.name, ...state, reached })),
    },
    /** The newest readout of each meter in its own words; it may hold personal data. */
    readout: {
      args: NO_ARGUMENTS,
      run: (_args, smx) =>
        readerOf(smx).meters.map(({ device, readout }) => ({ device: device.name, readout: readout ?? null })),
    },
  },
});
