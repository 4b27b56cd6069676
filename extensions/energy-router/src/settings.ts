import { durationMs, SmxError } from '@smx-edge/model';
import { parseSource } from '@smx-edge/extension-api/transports';
import type { Capabilities } from './driver.js';
import type { Limits } from './model/limits.js';
import { STANDBY, type Mode, type Phases } from './model/modes.js';
import { MODE_SETPOINT } from './model/setpoints.js';
import { WIRES, type Signs, type WireName } from './model/signs.js';

type DriverName = 'mqtt' | 'modbus' | 'rest';

/** Config as the operator writes it; `config.schema.json` describes it and has the defaults of what is not optional here. */
export interface RouterConfig {
  readonly driver: DriverName;
  readonly source: string;
  readonly phases: Phases;
  readonly map?: string;
  readonly names: { readonly er: string };
  readonly interval?: string;
  readonly settle?: string;
  readonly refresh?: string;
  readonly signs: WireName;
  readonly measures: string;
  readonly commands?: string;
  readonly watch: readonly string[];
  readonly limits: Limits;
  readonly modes?: readonly string[];
  readonly 'rest-mode'?: string;
}

/** Durations in ms. */
export interface Settings {
  readonly driver: DriverName;
  readonly source: string;
  readonly phases: Phases;
  /** Path of the file. */
  readonly map: string | undefined;
  readonly device: string;
  readonly interval: number;
  readonly settle: number;
  /** Undefined for never. */
  readonly refresh: number | undefined;
  readonly signs: Signs;
  readonly topics: { readonly measures: string; readonly commands: string; readonly watch: readonly string[] };
  readonly limits: Limits;
  /** Names of modes that may be commanded; undefined for those with the grid. */
  readonly modes: readonly string[] | undefined;
  readonly restMode: string | undefined;
}

/** A router of Storage4Grid tells each 2 s to 30 s; one that is asked answers at once. */
const INTERVALS: Readonly<Record<DriverName, number>> = { mqtt: 10_000, modbus: 2000, rest: 2000 };
/** Which kinds of source a driver speaks. */
const KINDS: Readonly<Record<DriverName, readonly string[]>> = {
  mqtt: ['mqtt'],
  modbus: ['modbus', 'modbus-rtu'],
  rest: ['http'],
};
/** Storage4Grid D4.10 tables 5 and 7: the prefix of the set-points of each kind. */
const COMMANDS: Readonly<Record<Phases, string>> = { three: '/PROFESS/SMX/', one: '/LESSAg/SMX/' };
const LEAST_INTERVAL = 100;
const LEAST_SETTLE = 10_000;

/** Throws SMX_CONFIG_INVALID. */
export function settingsOf(config: RouterConfig): Settings {
  const { driver, source, phases, names, signs, measures, watch, limits } = config;
  const interval = config.interval === undefined ? INTERVALS[driver] : durationMs(config.interval);
  if (interval < LEAST_INTERVAL) throw invalid('interval', `at least ${LEAST_INTERVAL}ms`);
  const { kind } = parseSource(source);
  if (!KINDS[driver].includes(kind))
    throw invalid('source', `a source of kind ${KINDS[driver].join(' or ')} for the driver ${driver}`);
  return {
    ...{ driver, source, phases, interval, limits, modes: config.modes, restMode: config['rest-mode'] },
    ...{ map: mapOf(config), device: names.er },
    settle: config.settle === undefined ? Math.max(LEAST_SETTLE, 3 * interval) : durationMs(config.settle),
    refresh: config.refresh === undefined ? undefined : durationMs(config.refresh),
    signs: WIRES[signs].signs,
    topics: { measures, commands: config.commands ?? COMMANDS[phases], watch },
  };
}

function mapOf({ driver, map }: RouterConfig): string | undefined {
  if (driver === 'mqtt') return undefined;
  const source = map === undefined ? undefined : parseSource(map);
  if (source?.kind !== 'file') throw invalid('map', `file:PATH of a map, because the driver is ${driver}`);
  return source.path;
}

export function invalid(path: string, expected: string): SmxError {
  return new SmxError('SMX_CONFIG_INVALID', `The config of the router needs ${path}: ${expected}`, {
    details: [{ path, expected }],
  });
}

/** Modes that may be commanded. Throws SMX_CONFIG_INVALID where one is named that the router does not have. */
export function commandedModes(
  { modes, restMode }: Settings,
  { modes: all, setpoints }: Capabilities,
): readonly Mode[] {
  const known = (name: string): boolean => all.some((mode) => mode.name === name);
  const names = all.map(({ name }) => name).join(', ');
  const strange = modes?.find((name) => !known(name));
  if (strange !== undefined) throw invalid('modes', `some of ${names}; there is no ${strange}`);
  if (setpoints.has(MODE_SETPOINT) && !known(restMode ?? STANDBY)) throw invalid('rest-mode', `one of ${names}`);
  return all.filter(({ name, isIsland }) => (modes === undefined ? isIsland !== true : modes.includes(name)));
}
