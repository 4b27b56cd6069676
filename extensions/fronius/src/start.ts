import { type SmxContext } from '@smx-edge/extension-api';
import { systemClock } from '@smx-edge/model';
import { InstanceStatus } from './state.js';
import { settingsOf, type FroniusConfig, type Settings } from './settings.js';
import { Names } from './site/names.js';
import { SiteDevices } from './site/site-devices.js';
import type { GuardedCounters } from './site/energies.js';
import type { Identity } from './site/identity.js';
import { SolarApi } from './solar-api/solar-api.js';
import { SolarReader } from './solar-api/solar-reader.js';

/** How often what is due is looked for, and how things stand, ms. */
const [TURN, LOOK] = [250, 1000];
/** For how long registers are waited for before others count, ms. */
const SETTLE = 300_000;

export interface Running {
  readonly devices: SiteDevices;
}

export async function start(smx: SmxContext<FroniusConfig>): Promise<Running> {
  const settings = settingsOf(smx.config);
  const { api, modbus } = settings;
  const monotonic = (): number => systemClock.monotonic();
  const counters: GuardedCounters = { take: (_name, reading) => reading?.value };
  const devices = new SiteDevices({
    ...{ smx, counters, monotonic, isOneHost: settings.isOneHost, hasModbus: modbus !== undefined },
    names: await Names.load(smx.state, settings.names),
    period: (identity) => periodOf(identity, settings),
    settle: modbus === undefined ? 2 * api!.slow : SETTLE,
  });
  const reader = api && solarReader(smx, { api, devices });
  const status = new InstanceStatus(smx, { ...(reader && { api: reader }) });
  smx.every(LOOK, () => {
    devices.look();
    status.tell();
  });
  return { devices };
}

function solarReader(
  smx: SmxContext<FroniusConfig>,
  { api, devices }: { readonly api: NonNullable<Settings['api']>; readonly devices: SiteDevices },
): SolarReader {
  const { base, timeout, fast, slow } = api;
  // with registers beside it the values of one point would go back and forth between two clocks
  const hasClock = smx.config.source === undefined;
  const reader = new SolarReader({
    ...{ api: new SolarApi({ base, timeout }), fast, slow },
    take: ({ parts, maxAge, t }) =>
      devices.take(
        'api',
        parts.map((part) => ({ ...part, maxAge, ...(t !== undefined && hasClock && { t }) })),
      ),
  });
  smx.every(TURN, () => reader.turn());
  smx.onStop(() => reader.close());
  return reader;
}

/** Usual time between two powers of a device: what is no meter of the connection is asked more rarely. */
function periodOf({ kind, place }: Identity, { modbus, api }: Settings): number {
  if (api === undefined) return modbus!.poll;
  const isRare = kind === 'ohmpilot' || (kind === 'meter' && place !== 'feed-in');
  return isRare && modbus === undefined ? api.slow : api.fast;
}
