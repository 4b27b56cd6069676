import { Alarms, defineExtension, type SmxContext, type StatusState } from '@smx-edge/extension-api';
import { SmxError } from '@smx-edge/model';
import { discover, test } from './probe.js';
import type { Away } from './reading/presence.js';
import { S4gReader } from './s4g/s4g-reader.js';
import { settingsOf, type UsmConfig } from './settings.js';
import { ShownBefore } from './smx/shown-before.js';
import { SmxReader } from './smx/smx-reader.js';

/** Readers by the context of their instance: a call finds its own. */
const readers = new WeakMap<object, SmxReader | S4gReader>();

async function start(smx: SmxContext<UsmConfig>): Promise<void> {
  const settings = settingsOf(smx.config, smx);
  const alarms = await Alarms.load(smx.state, smx.log);
  const { source, password } = settings;
  const link = smx.mqtt(source, password === undefined ? {} : { password });
  const parts = { smx, alarms, link };
  const reader =
    settings.format === 's4g'
      ? new S4gReader({ ...parts, settings })
      : new SmxReader({ ...parts, settings, before: await ShownBefore.load(smx) });
  readers.set(smx, reader);
  reader.begin();
  let said = '';
  const look = (): void => {
    const { away, text, isPartial = false } = reader.look();
    if (said === text) return;
    said = text;
    smx.status(stateOf(away, isPartial), text);
  };
  look();
  smx.every('1s', look);
}

function stateOf(away: Away | undefined, isPartial: boolean): StatusState {
  if (away === undefined) return isPartial ? 'warning' : 'ok';
  return away.code === 'waiting' ? 'busy' : 'error';
}

/** Reads another SMX, or an SMXCore, as devices of this box. It publishes nothing. */
export default defineExtension<UsmConfig>({
  start,
  test,
  discover,
  calls: {
    /** What is known of the other box: which it is, its state, its catalogue, when it was heard. */
    remote: {
      args: { type: 'object', properties: {}, additionalProperties: false },
      run: (_args, smx) => {
        const reader = readers.get(smx);
        if (reader === undefined)
          throw new SmxError('SMX_EXTENSION_CALL', 'The reader is not up yet; try again in a moment');
        return reader.facts;
      },
    },
  },
});
