import type { GuardedCounters, SmxContext } from '@smx-edge/extension-api';
import {
  guardedDoor,
  SunSpecControls,
  SunSpecReader,
  type SourceState,
  type UnitReading,
} from '@smx-edge/extension-api/sunspec';
import type { ModbusSettings } from '../settings.js';
import type { SiteDevices } from '../site/site-devices.js';
import type { WayState } from '../state.js';
import { UnitParts } from './unit-parts.js';

export interface ModbusReaderOptions {
  readonly smx: SmxContext;
  readonly settings: ModbusSettings;
  readonly devices: SiteDevices;
  readonly counters: GuardedCounters;
}

const LEAST_AGE = 10_000;
const PERIODS = 3;

/** Begins to read the registers, and to take commands for them; says how that fares. Rejects SMX_TRANSPORT_SOURCE. */
export async function readModbus({ smx, settings, devices, counters }: ModbusReaderOptions): Promise<() => WayState> {
  const { source, units, poll, timeout, revert, meter, writeInterval } = settings;
  // the first to ask for the link decides how long its answers may take
  smx.modbus(source, { timeout });
  const parts = new UnitParts();
  const controls = new SunSpecControls({ smx, revert, meter, period: poll, writeInterval });
  const control = async (reading: UnitReading): Promise<void> => {
    // its devices are made meanwhile
    await devices.settled();
    await controls.see(reading, devices.behind(reading.live.unit));
  };
  const maxAge = Math.max(LEAST_AGE, PERIODS * poll);
  let state: SourceState = { state: 'busy', text: 'waiting for the inverter' };
  await SunSpecReader.begin({
    ...{ smx, source, units, poll },
    door: (unit) => guardedDoor(counters, ({ kind, index, path }) => `unit ${unit}/${kind}/${index}/${path}`),
    onReading: (reading) => {
      const { live, parts: read } = reading;
      devices.take('modbus', parts.devices(live.unit, read, maxAge));
      void control(reading);
    },
    // its values turn stale by themselves, and those of the other way take their place
    onFault: ({ unit, text }, isLasting) => {
      if (isLasting) smx.log.debug('a unit gives nothing', { unit, reason: text });
    },
    onState: (changed) => (state = changed),
  });
  return () => state;
}
