import type { ApiVersion } from './version.js';

export type DataCollection = 'CommonInverterData' | '3PInverterData' | 'CumulationInverterData' | 'MinMaxInverterData';

/** What may be asked; nothing of it changes a device. */
export type SolarApiRequest =
  | { readonly ask: 'power-flow' | 'inverter-info' | 'active-devices' | 'logger-info' }
  /** All inverters, or one of them; `collection` only of one, default `CommonInverterData`. */
  | { readonly ask: 'inverters' }
  | { readonly ask: 'inverter'; readonly device: number; readonly collection?: DataCollection }
  | { readonly ask: 'meters' | 'storages' | 'ohmpilots' }
  /** Local days, at most 16 of them; `from` and `to` as `2026-01-31`. */
  | { readonly ask: 'archive'; readonly from: string; readonly to: string; readonly channels: readonly string[] };

const SYSTEM = { Scope: 'System' };
const NAMES = {
  'power-flow': ['GetPowerFlowRealtimeData.fcgi', {}],
  'inverter-info': ['GetInverterInfo.cgi', {}],
  'active-devices': ['GetActiveDeviceInfo.cgi', { DeviceClass: 'System' }],
  'logger-info': ['GetLoggerInfo.cgi', {}],
  inverters: ['GetInverterRealtimeData.cgi', SYSTEM],
  inverter: ['GetInverterRealtimeData.cgi', { Scope: 'Device' }],
  meters: ['GetMeterRealtimeData.cgi', SYSTEM],
  storages: ['GetStorageRealtimeData.cgi', SYSTEM],
  ohmpilots: ['GetOhmPilotRealtimeData.cgi', SYSTEM],
  archive: ['GetArchiveData.cgi', { ...SYSTEM, SeriesType: 'Detail', HumanReadable: 'False' }],
} as const satisfies Record<SolarApiRequest['ask'], readonly [string, Readonly<Record<string, string>>]>;

/** Path and query to ask GetAPIVersion, which says where all else is. */
export const API_VERSION_PATH = '/solar_api/GetAPIVersion.cgi';

/** Path and query of a request. V0 names inverters `DeviceIndex`. */
export function encodeRequest({ version, base }: ApiVersion, request: SolarApiRequest): string {
  const [name, fixed] = NAMES[request.ask];
  const query = new URLSearchParams(fixed);
  if (request.ask === 'inverter') {
    query.set(version === 0 ? 'DeviceIndex' : 'DeviceId', String(request.device));
    query.set('DataCollection', request.collection ?? 'CommonInverterData');
  } else if (request.ask === 'archive') {
    query.set('StartDate', request.from);
    query.set('EndDate', request.to);
    for (const channel of request.channels) query.append('Channel', channel);
  }
  const args = query.toString();
  return `${base}${name}${args === '' ? '' : `?${args}`}`;
}
