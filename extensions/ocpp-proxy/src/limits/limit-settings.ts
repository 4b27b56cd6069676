import { durationMs } from '@smx-edge/model';
import type { ProfileSettings } from '@smx-edge/protocols/ocpp-j';

/** Keys of the config that say how limits are put on charge points. */
export interface LimitConfig {
  readonly 'safe-current': number;
  readonly 'limit-refresh': string;
  readonly 'profile-ids': number;
  readonly 'inject-every': Readonly<Record<string, string>>;
  readonly 'inject-per-minute': number;
}

/** What a charge point has of its own. */
export interface StationLimitConfig {
  readonly 'safe-current'?: number;
  readonly volts?: number;
  readonly phases?: number;
}

/** Between a conductor and N in Europe (EN 50160). */
const VOLTS = 230;
const PHASES = 3;

export const profileSettingsOf = (config: LimitConfig, station: StationLimitConfig = {}): ProfileSettings => ({
  safe: { unit: 'A', value: station['safe-current'] ?? config['safe-current'] },
  refresh: durationMs(config['limit-refresh']),
  idBase: config['profile-ids'],
  volts: station.volts ?? VOLTS,
  phases: station.phases ?? PHASES,
});

/** ms by action. */
export const injectEveryOf = (config: LimitConfig): ReadonlyMap<string, number> =>
  new Map(Object.entries(config['inject-every']).map(([action, every]) => [action, durationMs(every)]));
