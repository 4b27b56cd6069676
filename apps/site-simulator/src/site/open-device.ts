import type { SiteDevice } from '../line/index.js';
import { SolarApiPort } from '../solar-api/index.js';
import { InverterPort, type InverterTools } from '../sunspec-inverter/index.js';
import type { DeviceConfig } from './device-config.js';

/** Rejects SMX_SIMULATOR_ADDRESS, SMX_SIMULATOR_SETPOINT. */
export function openDevice(config: DeviceConfig, tools: InverterTools): Promise<SiteDevice> {
  return config.protocol === 'sunspec' ? InverterPort.open(config, tools) : SolarApiPort.open(config, tools);
}
