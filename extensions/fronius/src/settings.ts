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
}

export interface ModbusSettings {
  readonly source: string;
  /** Undefined: they are looked for. */
  readonly units: readonly number[] | undefined;
  /** ms. */
  readonly poll: number;
  /** ms for one answer. */
  readonly timeout: number;
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
  const { source, api, units, names = {}, poll, timeout } = config;
  const modbus =
    source === undefined
      ? undefined
      : {
          source,
          units,
          poll: intervalOf('poll', poll ?? '1s'),
          timeout: intervalOf('timeout', timeout ?? TIMEOUT.modbus),
        };
  const rate = config['api-poll'] ?? (source === undefined ? poll : undefined) ?? '10s';
  const base = api === undefined ? undefined : baseOf(api);
  return {
    modbus,
    api:
      base === undefined
        ? undefined
        : { base, ...ratesOf(intervalOf('api-poll', rate)), timeout: intervalOf('timeout', timeout ?? TIMEOUT.api) },
    isOneHost: base !== undefined && source !== undefined && hostOf(source) === new URL(base).hostname,
    names,
  };
}

function intervalOf(path: string, text: string): number {
  const interval = durationMs(text);
  if (interval >= LEAST) return interval;
  throw new SmxError('SMX_CONFIG_INVALID', `The config of the inverter needs ${path}: ${LEAST}ms or more`, {
    details: [{ path, expected: `${LEAST}ms or more` }],
  });
}

const ratesOf = (fast: number): Pick<ApiSettings, 'fast' | 'slow'> => ({ fast, slow: SLOWER * fast });

function hostOf(source: string): string | undefined {
  const twin = source.replace(/^modbus:/, 'http:');
  return URL.canParse(twin) ? new URL(twin).hostname : undefined;
}
