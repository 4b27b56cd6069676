import { isRevert, isWriteInterval, REVERT_EXPECTED, WRITE_INTERVAL_EXPECTED } from '@smx-edge/extension-api/sunspec';
import { durationMs, SmxError } from '@smx-edge/model';
import { baseOf } from './solar-api/solar-api.js';

/** Config as the operator writes it; `config.schema.json` describes it. */
export interface FroniusConfig {
  readonly source?: string;
  readonly api?: string;
  readonly units?: readonly number[];
  readonly names?: Readonly<Record<string, string>>;
  readonly poll?: string;
  readonly 'api-poll'?: string;
  readonly timeout?: string;
  readonly revert?: string;
  readonly meter?: string;
  readonly 'write-interval'?: string;
}

export interface ModbusSettings {
  readonly source: string;
  /** Undefined: they are looked for. */
  readonly units: readonly number[] | undefined;
  /** ms. */
  readonly poll: number;
  /** ms for one answer. */
  readonly timeout: number;
  /** ms until a device ends by itself what it was told; 0 = it is not asked to, undefined: by the heartbeat of the controller. */
  readonly revert: number | undefined;
  /** Path of the power at the connection, of another instance. */
  readonly meter: string | undefined;
  /** ms between writes to one device; undefined: as usual. */
  readonly writeInterval: number | undefined;
}

export interface ApiSettings {
  readonly base: string;
  /** ms between questions for powers, and for all else. */
  readonly fast: number;
  readonly slow: number;
  /** ms for one question. */
  readonly timeout: number;
}

export interface Settings {
  readonly modbus: ModbusSettings | undefined;
  readonly api: ApiSettings | undefined;
  /** Both ways lead to the same host. */
  readonly isOneHost: boolean;
  readonly names: Readonly<Record<string, string>>;
}

const SLOWER = 6;
/** Faster than this nothing has newer values, ms. */
const LEAST = 200;
/** Slaves that sleep answer a web request after half a minute or never; registers take more than a second at times. */
const TIMEOUT = { api: '4s', modbus: '3s' };

/** Throws SMX_CONFIG_INVALID. */
export function settingsOf(config: FroniusConfig): Settings {
  const { source, api, names = {} } = config;
  const base = api === undefined ? undefined : baseOf(api);
  return {
    modbus: source === undefined ? undefined : modbusOf(source, config),
    api: base === undefined ? undefined : apiOf(base, config),
    isOneHost: base !== undefined && source !== undefined && hostOf(source) === new URL(base).hostname,
    names,
  };
}

function modbusOf(
  source: string,
  { units, poll, timeout, revert, meter, 'write-interval': writing }: FroniusConfig,
): ModbusSettings {
  return {
    ...{ source, units, meter, poll: intervalOf('poll', poll ?? '1s') },
    ...{ timeout: intervalOf('timeout', timeout ?? TIMEOUT.modbus), revert: revertOf(revert) },
    writeInterval: writing === undefined ? undefined : writeIntervalOf(writing),
  };
}

function apiOf(base: string, config: FroniusConfig): ApiSettings {
  const { source, poll, timeout = TIMEOUT.api } = config;
  const fast = intervalOf('api-poll', config['api-poll'] ?? (source === undefined ? poll : undefined) ?? '10s');
  return { base, fast, slow: SLOWER * fast, timeout: intervalOf('timeout', timeout) };
}

function intervalOf(path: string, text: string): number {
  const interval = durationMs(text);
  if (interval < LEAST) throw invalid(path, `${LEAST}ms or more`);
  return interval;
}

function revertOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const revert = durationMs(text);
  if (!isRevert(revert)) throw invalid('revert', REVERT_EXPECTED);
  return revert;
}

function writeIntervalOf(text: string): number {
  const interval = durationMs(text);
  if (!isWriteInterval(interval)) throw invalid('write-interval', WRITE_INTERVAL_EXPECTED);
  return interval;
}

function invalid(path: string, expected: string): SmxError {
  return new SmxError('SMX_CONFIG_INVALID', `The config of the inverter needs ${path}: ${expected}`, {
    details: [{ path, expected }],
  });
}

function hostOf(source: string): string | undefined {
  const twin = source.replace(/^modbus:/, 'http:');
  return URL.canParse(twin) ? new URL(twin).hostname : undefined;
}
