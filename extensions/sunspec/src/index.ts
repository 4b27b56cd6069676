import { defineExtension, type SmxContext } from '@smx-edge/extension-api';
import { durationMs } from '@smx-edge/model';
import { PartPublisher, SunSpecControls, SunSpecReader } from '@smx-edge/extension-api/sunspec';
import { discover, test } from './probe.js';
import { checkConfig, type SunSpecConfig } from './settings.js';

async function start(smx: SmxContext<SunSpecConfig>): Promise<void> {
  const { source, units, names, poll, meter, revert, timeout, 'write-interval': writing } = smx.config;
  checkConfig(smx.config);
  // the first to ask for the link decides how long its answers may take
  smx.modbus(source, { timeout });
  const controls = new SunSpecControls({
    ...{ smx, meter, period: durationMs(poll) },
    revert: revert === undefined ? undefined : durationMs(revert),
    writeInterval: writing === undefined ? undefined : durationMs(writing),
  });
  const publisher = await PartPublisher.open({ smx, names, period: poll, units });
  await SunSpecReader.begin({
    ...{ smx, source, units, poll },
    door: (unit) => publisher.door(unit),
    onReading: (reading) => {
      publisher.take(reading);
      void controls.see(reading, publisher.devices(reading.live.unit));
    },
    onFault: (fault, isLasting) => publisher.fault(fault, isLasting),
    onState: ({ state, text, progress }) => smx.status(state, text, progress),
  });
}

/**
 * Reads inverters, trackers, batteries and meters of any make that has SunSpec models, over Modbus TCP or a serial line, and controls
 * batteries and inverters that let themselves be controlled by models 123 and 124.
 */
export default defineExtension<SunSpecConfig>({ start, test, discover });
