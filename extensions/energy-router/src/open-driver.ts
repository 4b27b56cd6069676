import type { Tools } from '@smx-edge/extension-api';
import { parseSource } from '@smx-edge/extension-api/transports';
import { readFileSync } from 'node:fs';
import type { RouterDriver } from './driver.js';
import { limited } from './map/entry.js';
import { loadMap } from './map/load-map.js';
import { ModbusDriver } from './modbus/modbus-driver.js';
import { readRegisterMap } from './modbus/register-map.js';
import { MqttDriver } from './mqtt/mqtt-driver.js';
import { HttpClient } from './rest/http-client.js';
import { readResourceMap } from './rest/resource-map.js';
import { RestDriver } from './rest/rest-driver.js';
import { invalid, type Settings } from './settings.js';

/** What a driver needs of its instance. */
export interface DriverTools extends Pick<Tools, 'mqtt' | 'modbus' | 'now'> {
  /** Runs `fn` each `ms`; a run that is still going is not overtaken. */
  every(ms: number, fn: () => Promise<void>): unknown;
  onStop(fn: () => void): void;
}

export interface OpenedDriver {
  readonly driver: RouterDriver;
  /** Of the router, for people. */
  readonly model: string;
}

/** The driver that the settings name. Throws SMX_CONFIG_INVALID, SMX_ROUTER_MAP, SMX_MODBUS_REQUEST for a unit that cannot be. */
export function openDriver(settings: Settings, tools: DriverTools): OpenedDriver {
  const { driver, source, phases, limits, map: file = '' } = settings;
  const now = (): number => tools.now();
  if (driver === 'mqtt') {
    const model = phases === 'one' ? 'Storage4Grid, single-phase' : 'Storage4Grid, three-phase';
    return { driver: new MqttDriver({ settings, link: tools.mqtt(source), now }), model };
  }
  const poll = (fn: () => Promise<void>): void => {
    void fn();
    tools.every(settings.interval, fn);
  };
  if (driver === 'modbus') {
    const map = limited(readRegisterMap(loadMap(file)), limits);
    return { driver: new ModbusDriver({ map, link: tools.modbus(source), now, poll }), model: map.title };
  }
  const map = limited(readResourceMap(loadMap(file)), limits);
  const client = clientOf(source);
  tools.onStop(() => client.close());
  return { driver: new RestDriver({ map, client, poll }), model: map.title };
}

function clientOf(source: string): HttpClient {
  const parsed = parseSource(source);
  if (parsed.kind !== 'http') throw invalid('source', 'http://host/ or https://host/ for the driver rest');
  const { url, insecure, ca } = parsed;
  return new HttpClient({ url, insecure, ...(ca !== undefined && { ca: readFileSync(ca, 'utf8') }) });
}
