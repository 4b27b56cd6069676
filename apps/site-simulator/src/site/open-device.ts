import { ChargePoint } from '../charge-point/index.js';
import { Csms } from '../csms/index.js';
import { RouterDevice } from '../energy-router/index.js';
import type { SiteDevice } from '../line/index.js';
import { SmxCoreDevice, SmxDevice } from '../second-smx/index.js';
import { SolarApiPort } from '../solar-api/index.js';
import { InverterPort, type InverterTools } from '../sunspec-inverter/index.js';
import type { DeviceConfig } from './device-config.js';

/** Rejects SMX_SIMULATOR_ADDRESS, SMX_SIMULATOR_SETPOINT. */
export function openDevice(config: DeviceConfig, tools: InverterTools): Promise<SiteDevice> {
  switch (config.protocol) {
    case 'sunspec':
      return InverterPort.open(config, tools);
    case 'solar-api':
      return SolarApiPort.open(config, tools);
    case 'energy-router':
      return RouterDevice.open(config, tools);
    case 'smx':
      return SmxDevice.open(config, tools);
    case 'smxcore':
      return SmxCoreDevice.open(config, tools);
    case 'charge-point':
      return ChargePoint.open(config, { ...tools, now: realTime(tools) });
    case 'csms':
      return Csms.open(config, tools);
  }
}

/** Real time from where the house is now, whatever its speed: what a box tells a charge point begins and ends by real time. */
function realTime({ house, clock }: InverterTools): () => number {
  const [start, origin] = [house.t, clock.monotonic()];
  return () => start + clock.monotonic() - origin;
}
