import { GuardedCounters, type SmxContext } from '@smx-edge/extension-api';
import { systemClock } from '@smx-edge/model';
import { readModbus } from './modbus/modbus-reader.js';
import { rhythmOf } from './rhythm.js';
import { settingsOf, type ApiSettings, type FroniusConfig } from './settings.js';
import { Names } from './site/names.js';
import { SiteDevices } from './site/site-devices.js';
import { SolarApi } from './solar-api/solar-api.js';
import { SolarReader } from './solar-api/solar-reader.js';
import { InstanceStatus, type WayState } from './state.js';

/** How often what is due is looked for, and how things stand, ms. */
const [TURN, LOOK] = [250, 1000];

export interface Running {
  readonly devices: SiteDevices;
}

/** Begins to read. Rejects SMX_CONFIG_INVALID, SMX_TRANSPORT_SOURCE; all else is state. */
export async function start(smx: SmxContext<FroniusConfig>): Promise<Running> {
  const settings = settingsOf(smx.config);
  const { api, modbus } = settings;
  // a counter is told of once there is a device
  const counters = await GuardedCounters.load(smx, (counter, news) => devices.renewed(counter, news));
  const devices: SiteDevices = new SiteDevices({
    ...{ smx, counters, isOneHost: settings.isOneHost, hasModbus: modbus !== undefined },
    names: await Names.load(smx, settings.names),
    monotonic: () => systemClock.monotonic(),
    rhythm: (way, part) => rhythmOf(way, part, settings),
  });
  const status = new InstanceStatus(smx, {
    ...(api && { api: readApi(smx, api, devices) }),
    ...(modbus && { modbus: await readModbus({ smx, devices, counters, settings: modbus }) }),
  });
  smx.every(LOOK, () => {
    devices.look();
    status.tell();
  });
  return { devices };
}

function readApi(smx: SmxContext<FroniusConfig>, settings: ApiSettings, devices: SiteDevices): () => WayState {
  const { base, timeout, fast, slow } = settings;
  // with registers beside it the values of one point would go back and forth between two clocks
  const hasClock = smx.config.source === undefined;
  const reader = new SolarReader({
    ...{ api: new SolarApi({ base, timeout }), fast, slow },
    take: ({ parts, maxAge, t }) => {
      const at = t !== undefined && hasClock ? { t } : {};
      devices.take('api', parts.map((part) => ({ ...part, maxAge, ...at }))); // prettier-ignore
    },
  });
  smx.every(TURN, () => reader.turn());
  smx.onStop(() => reader.close());
  return () => reader.state;
}
