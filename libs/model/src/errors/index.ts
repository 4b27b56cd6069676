import { ACCESS_ERRORS } from './access.js';
import { CLI_ERRORS } from './cli.js';
import { CLOUD_ERRORS } from './cloud.js';
import { COMMAND_ERRORS } from './command.js';
import { CONFIG_ERRORS } from './config.js';
import { EXTENSION_ERRORS } from './extension.js';
import { HTTP_ERRORS } from './http.js';
import { METER_ERRORS } from './meter.js';
import { MODBUS_ERRORS } from './modbus.js';
import { MQTT_ERRORS } from './mqtt.js';
import { NORTHBOUND_ERRORS } from './northbound.js';
import { OCPP_ERRORS } from './ocpp.js';
import { POINT_ERRORS } from './point.js';
import { PROTOCOL_ERRORS } from './protocol.js';
import { RECORD_ERRORS } from './record.js';
import { ROUTER_ERRORS } from './router.js';
import { SIMULATOR_ERRORS } from './simulator.js';
import { SOLARAPI_ERRORS } from './solar-api.js';
import { STORE_ERRORS } from './store.js';
import { SUNSPEC_ERRORS } from './sunspec.js';
import { TRANSPORT_ERRORS } from './transport.js';

export type { ErrorClass, ErrorEntry } from './entry.js';

/** Every code of the house, `SMX_<AREA>_<NAME>`; the reference page is generated from it. */
export const ERROR_CODES = {
  ...ACCESS_ERRORS,
  ...CLI_ERRORS,
  ...CLOUD_ERRORS,
  ...COMMAND_ERRORS,
  ...CONFIG_ERRORS,
  ...EXTENSION_ERRORS,
  ...HTTP_ERRORS,
  ...METER_ERRORS,
  ...MODBUS_ERRORS,
  ...MQTT_ERRORS,
  ...NORTHBOUND_ERRORS,
  ...OCPP_ERRORS,
  ...POINT_ERRORS,
  ...PROTOCOL_ERRORS,
  ...RECORD_ERRORS,
  ...ROUTER_ERRORS,
  ...SIMULATOR_ERRORS,
  ...SOLARAPI_ERRORS,
  ...STORE_ERRORS,
  ...SUNSPEC_ERRORS,
  ...TRANSPORT_ERRORS,
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
