export { decodeArchive, type ArchiveChannel, type ArchiveNode } from './archive.js';
export { decodeBody, type SolarApiBody } from './body.js';
export type { Details } from './details.js';
export type { SolarApiFault } from './fault.js';
export {
  decodeActiveDevices,
  decodeInverterInfo,
  decodeLoggerInfo,
  DEVICE_CLASSES,
  GEN24_TYPE,
  type ActiveDevice,
  type DeviceClass,
  type InverterInfo,
  type LoggerInfo,
} from './inventory.js';
export { decodeInverter, decodeInverters, type InverterReadings } from './inverter.js';
export type { BodyOptions } from './json-text.js';
export type { JsonObject } from './json.js';
export { meterPlace, type MeterPlace } from './meter-place.js';
export { decodeMeter, decodeMeters, type MeterReadings } from './meter.js';
export { decodeOhmpilots, type OhmpilotReadings } from './ohmpilot.js';
export { decodePowerFlow, type FlowInverter, type FlowMeter, type FlowOhmpilot, type PowerFlow } from './power-flow.js';
export type { FieldTable, NoValue, Quantities, Quantity } from './quantity.js';
export { API_VERSION_PATH, encodeRequest, type DataCollection, type SolarApiRequest } from './request.js';
export type { InverterState, InverterStatus } from './state.js';
export { decodeStorage, decodeStorages, type BatteryReadings, type StorageReadings } from './storage.js';
export { decodeApiVersion, SOLAR_API_V0, type ApiVersion } from './version.js';
