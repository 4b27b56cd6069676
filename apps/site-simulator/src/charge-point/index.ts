export { ChargePoint, type ChargePointState } from './charge-point.js';
export type { ChargePointOptions, ChargePointTools, StationVersion } from './options.js';
export { STATION_QUIRKS, type StationQuirk } from './quirks.js';
