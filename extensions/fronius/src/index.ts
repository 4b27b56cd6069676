import { defineExtension, type SmxContext } from '@smx-edge/extension-api';
import { SmxError } from '@smx-edge/model';
import { discover, test } from './probe.js';
import type { FroniusConfig } from './settings.js';
import { start, type Running } from './start.js';

const running = new WeakMap<object, Running>();

/** Reads Fronius inverters with all that stands behind them, over Solar API, Modbus or both. */
export default defineExtension<FroniusConfig>({
  async start(smx: SmxContext<FroniusConfig>) {
    running.set(smx, await start(smx));
  },
  test,
  discover,
  calls: {
    /** Each device, with the ways over which it is read by now. */
    devices: {
      args: { type: 'object', properties: {}, additionalProperties: false },
      run: (_args, smx) => {
        const known = running.get(smx);
        if (known === undefined)
          throw new SmxError('SMX_EXTENSION_CALL', 'The reader is not up yet; try again in a moment');
        return known.devices.shown;
      },
    },
  },
});
