import { Alarms, defineExtension, type SmxContext } from '@smx-edge/extension-api';
import { RunningMeters } from '@smx-edge/extension-api/metering';
import { discover, test } from './probe.js';
import { ownTitle } from './line/own-title.js';
import { LineReader } from './reading/line-reader.js';
import type { MeterReader } from './reading/meter-reader.js';
import type { DlmsConfig } from './settings.js';

const meters = new RunningMeters<MeterReader>();

async function start(smx: SmxContext<DlmsConfig>): Promise<void> {
  const [alarms, title] = [await Alarms.load(smx.state, smx.log), await ownTitle(smx.state, smx.log)];
  await meters.run(smx, new LineReader(smx, { alarms, title }));
}

/** Reads billing meters over DLMS/COSEM. It has no way to write to one. */
export default defineExtension<DlmsConfig>({
  start,
  test,
  discover,
  calls: {
    /** How each meter fares, and up to where its load profiles are here. */
    meters: meters.states,
    /** Objects of each meter by OBIS code and class, to choose points from. */
    objects: meters.call(({ objects }) => ({ objects: objects ?? null })),
  },
});
