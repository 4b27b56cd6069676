import { Alarms, defineExtension, type SmxContext } from '@smx-edge/extension-api';
import { SmxError } from '@smx-edge/model';
import { discover, test } from './probe.js';
import { ownTitle } from './line/own-title.js';
import { LineReader } from './reading/line-reader.js';
import type { DlmsConfig } from './settings.js';

/** What runs in this process, by its context: a call finds its instance. */
const running = new WeakMap<object, LineReader>();

async function start(smx: SmxContext<DlmsConfig>): Promise<void> {
  const [alarms, title] = [await Alarms.load(smx.state, smx.log), await ownTitle(smx.state, smx.log)];
  const reader = new LineReader(smx, { alarms, title });
  running.set(smx, reader);
  await reader.run();
}

function readerOf(smx: object): LineReader {
  const found = running.get(smx);
  if (found === undefined) throw new SmxError('SMX_EXTENSION_CALL', 'The reader is not up yet; try again in a moment');
  return found;
}

const NO_ARGUMENTS = { type: 'object', properties: {}, additionalProperties: false } as const;

/** Reads billing meters over DLMS/COSEM. It has no way to write to one. */
export default defineExtension<DlmsConfig>({
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
    /** Objects of each meter by OBIS code and class, to choose points from. */
    objects: {
      args: NO_ARGUMENTS,
      run: (_args, smx) => readerOf(smx).meters.map(({ device, objects }) => ({ device: device.name, objects: objects ?? null })), // prettier-ignore
    },
  },
});
