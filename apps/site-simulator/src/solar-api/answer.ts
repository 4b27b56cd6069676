import { activeDevices, inverterData, inverterInfo, inverterSystem, powerFlow, storageData, type BodySource } from './bodies.js'; // prettier-ignore
import { meterData } from './meter-body.js';

/** What an answer says of itself (Fronius Solar API V1, common response header). */
const STATUS = { ok: 0, argument: 6, timeout: 8, unsupported: 11, absent: 12, unknown: 255 } as const;
type Status = keyof typeof STATUS;

export interface AnswerOptions {
  readonly source: BodySource;
  readonly version: 0 | 1;
  /** The logger did not reach its devices. */
  readonly isLost: boolean;
  /** The meter's values have the names of another firmware. */
  readonly isRenamed: boolean;
}

type Content = { readonly data?: unknown; readonly status?: Status; readonly reason?: string; readonly under?: string };
type Asked = Readonly<Record<string, string>>;

/** Names that a device of version 0 had. */
const OLD = ['GetInverterRealtimeData.cgi', 'GetInverterInfo.cgi', 'GetLoggerInfo.cgi', 'GetActiveDeviceInfo.cgi'];
/** Those that the logger does not answer out of itself. */
const MEASURED = /RealtimeData/;

/** The body of an answer; undefined where nothing has this path. */
export function answerTo(path: string, asked: Asked, options: AnswerOptions): object | undefined {
  const { version, source, isLost } = options;
  if (path === '/solar_api/GetAPIVersion.cgi')
    return version === 0 ? undefined : { APIVersion: 1, BaseURL: '/solar_api/v1/', CompatibilityRange: '1.8-8' };
  const base = version === 0 ? '/solar_api/' : '/solar_api/v1/';
  const name = path.startsWith(base) ? path.slice(base.length) : '';
  if (version === 0 && !OLD.includes(name)) return undefined;
  const content = isLost && MEASURED.test(name) ? { status: 'timeout', reason: 'Transfer timeout.' } as const : contentOf(name, asked, options); // prettier-ignore
  if (content === undefined) return undefined;
  const { data = {}, status = 'ok', reason = '', under = 'Data' } = content;
  const Status = { Code: STATUS[status], Reason: reason, UserMessage: '' };
  return { Body: { [under]: data }, Head: { RequestArguments: asked, Status, Timestamp: stamp(source) } };
}

function contentOf(name: string, asked: Asked, { source, version, isRenamed }: AnswerOptions): Content | undefined {
  switch (name) {
    case 'GetPowerFlowRealtimeData.fcgi':
      return { data: powerFlow(source) };
    case 'GetInverterRealtimeData.cgi':
      return scoped(asked, { number: '1', key: version === 0 ? 'DeviceIndex' : 'DeviceId' }, {
        all: () => inverterSystem(source),
        one: () => inverterData(source, asked['DataCollection'] ?? 'CommonInverterData'),
      }); // prettier-ignore
    case 'GetMeterRealtimeData.cgi':
      return scoped(asked, { number: '0', key: 'DeviceId' }, {
        all: () => ({ 0: meterData(source, isRenamed) }),
        one: () => meterData(source, isRenamed),
      }); // prettier-ignore
    case 'GetStorageRealtimeData.cgi':
      return storages(asked, source);
    case 'GetOhmPilotRealtimeData.cgi':
      return { data: {} };
    case 'GetInverterInfo.cgi':
      return { data: inverterInfo(source) };
    case 'GetActiveDeviceInfo.cgi':
      return asked['DeviceClass'] === 'System' ? { data: activeDevices(source) } : argument('DeviceClass');
    case 'GetLoggerInfo.cgi':
      return source.kind === 'gen24'
        ? { status: 'unsupported', reason: 'LoggerInfo not available.' }
        : { under: 'LoggerInfo', data: { HWVersion: '2.4D', SWVersion: '3.32.1-2', ProductID: 'fronius-datamanager-card', UniqueID: '240.900001', TimezoneName: 'CET' } }; // prettier-ignore
    default:
      return undefined;
  }
}

function storages(asked: Asked, source: BodySource): Content {
  const storage = storageData(source);
  if (storage !== undefined)
    return scoped(asked, { number: '0', key: 'DeviceId' }, { all: () => ({ 0: storage }), one: () => storage });
  // a GEN24 has no storage in its answer, a logger has no answer
  if (source.kind === 'gen24') return { data: {} };
  return { status: 'unknown', reason: 'GetStorageRealtimeData request is not supported by this device.' };
}

/** Of all devices of a kind, or of the one that has this number. */
function scoped(
  asked: Asked,
  { number, key }: { readonly number: string; readonly key: string },
  { all, one }: { readonly all: () => unknown; readonly one: () => unknown },
): Content {
  const { Scope } = asked;
  if (Scope === 'System') return { data: all() };
  if (Scope !== 'Device') return argument('Scope');
  if (asked[key] === undefined) return argument(key);
  if (asked[key] !== number) return { status: 'absent', reason: 'Device is not available.' };
  const data = one();
  return data === undefined ? argument('DataCollection') : { data };
}

const argument = (name: string): Content => ({ status: 'argument', reason: `Invalid argument "${name}".` });

/** Local time with its offset. */
function stamp({ house, t }: BodySource): string {
  const offset = house.zone.offset(t);
  const minutes = Math.abs(offset) / 60_000;
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  const sign = offset < 0 ? '-' : '+';
  return `${new Date(t + offset).toISOString().slice(0, 19)}${sign}${two(minutes / 60)}:${two(minutes % 60)}`;
}
