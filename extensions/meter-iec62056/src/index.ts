import { Alarms, defineExtension, type SmxContext } from '@smx-edge/extension-api';
import { RunningMeters } from '@smx-edge/extension-api/metering';
import { discover, test } from './probe.js';
import { lineReader, type ReadMeter } from './reading/line-reader.js';
import type { IecConfig } from './settings.js';

const meters = new RunningMeters<ReadMeter>();

async function start(smx: SmxContext<IecConfig>): Promise<void> {
  await meters.run(smx, lineReader(smx, await Alarms.load(smx.state, smx.log)));
}

/** Reads billing meters over IEC 62056-21 (IEC 1107). It has no way to write to one. */
export default defineExtension<IecConfig>({
  start,
  test,
  discover,
  calls: {
    /** How each meter fares, and up to where its load profiles are here. */
    meters: meters.states,
    /** The newest readout of each meter in its own words; it may hold personal data. */
    readout: meters.call(({ readout }) => ({ readout: readout ?? null })),
  },
});
