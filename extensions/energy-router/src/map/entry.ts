import { narrowed, type Limits } from '../model/limits.js';
import type { Mode } from '../model/modes.js';
import { MODE, QUANTITIES, type Quantity } from '../model/quantities.js';
import { MODE_SETPOINT, SETPOINTS } from '../model/setpoints.js';
import type { Bounds } from '../driver.js';
import type { MapReader } from './map-reader.js';

/** What an entry of a map says, whatever wire it is for. */
export interface MapEntry {
  /** Path of a measure or set-point of the canonical model. */
  readonly name: string;
  readonly isRead: boolean;
  readonly isWritten: boolean;
  /** The number on the wire × 10^sf is the value. */
  readonly sf: number;
  /** Factor from the sign of the wire to the load convention, and back. */
  readonly sign: 1 | -1;
  /** Of a set-point that is a number, in the sign of the box. */
  readonly bounds: Bounds | undefined;
  /** The number on the wire that means that there is none. */
  readonly none: number | undefined;
}

/** A whole map. */
export interface RouterMap<E extends MapEntry> {
  readonly title: string;
  readonly modes: readonly Mode[];
  readonly entries: readonly E[];
}

const FORMAT = 'smx-energy-router/1';
const HEAD = ['format', 'title', 'example', 'modes', 'entries'] as const;
/** Keys of every entry. */
const ENTRY_KEYS = ['name', 'access', 'sf', 'positive', 'min', 'max', 'none'] as const;
const LARGEST_SCALE = 9;
const MOST_ENTRIES = 100;
const MODE_NAME = /^[a-z][a-z0-9-]{0,39}$/;

/** Reads a map; `read` takes what an entry says of its wire, under `keys`. Throws SMX_ROUTER_MAP. */
export function readMap<E extends object>(
  reader: MapReader,
  keys: readonly string[],
  read: (entry: MapReader, common: MapEntry) => E,
): RouterMap<MapEntry & E> {
  reader.object(HEAD);
  reader.at('format').text(`"${FORMAT}"`, (text) => text === FORMAT);
  const entries: (MapEntry & E)[] = [];
  for (const item of reader.at('entries').list()) {
    item.object([...ENTRY_KEYS, ...keys]);
    const name = item.at('name').word([...Object.keys(QUANTITIES), ...Object.keys(SETPOINTS)]);
    if (entries.some((entry) => entry.name === name)) throw item.at('name').wrong('each name once');
    const entry = item.named(name);
    const common = commonOf(entry, name);
    entries.push({ ...common, ...read(entry, common) });
    if (entries.length > MOST_ENTRIES) throw item.wrong(`at most ${MOST_ENTRIES} entries`);
  }
  if (!entries.some(({ isRead }) => isRead)) throw reader.at('entries').wrong('at least one entry that is read');
  return { title: reader.at('title').text('a title'), modes: modesOf(reader, entries), entries };
}

function commonOf(entry: MapReader, name: string): MapEntry {
  const isSetpoint = SETPOINTS[name] !== undefined;
  const { side, unit }: Pick<Quantity, 'side' | 'unit'> = (SETPOINTS[name] ?? QUANTITIES[name])!;
  const access = entry.at('access').word(isSetpoint ? (['w', 'rw'] as const) : (['r'] as const));
  const sf = entry.has('sf') ? entry.at('sf').integer([-LARGEST_SCALE, LARGEST_SCALE]) : 0;
  // nothing is assumed here: a wrong sign charges a battery that should discharge
  const sign = side === undefined ? 1 : entry.at('positive').word(['load', 'generation']) === 'load' ? 1 : -1;
  return {
    ...{ name, sf, sign, isRead: access !== 'w', isWritten: access !== 'r' },
    bounds: isSetpoint && unit !== null ? boundsOf(entry, sign) : undefined,
    none: entry.has('none') ? entry.at('none').number('a number') : undefined,
  };
}

/** `min` and `max` are as the router counts. */
function boundsOf(entry: MapReader, sign: 1 | -1): Bounds {
  const min = entry.at('min').number('the least that may be asked, as the router counts');
  const max = entry.at('max').number(`the most that may be asked, not below ${min}`, (value) => value >= min);
  return sign === 1 ? { min, max } : { min: 0 - max, max: 0 - min };
}

/** The map with the bounds of its set-points narrowed by what the operator says of limits. */
export function limited<M extends RouterMap<MapEntry>>(map: M, limits: Limits): M {
  const entries = map.entries.map((entry) => {
    const { name: path, bounds } = entry;
    const side = SETPOINTS[path]?.side;
    return bounds === undefined || side === undefined ? entry : { ...entry, bounds: narrowed(bounds, { path, side, limits }) }; // prettier-ignore
  });
  return { ...map, entries };
}

function modesOf(reader: MapReader, entries: readonly MapEntry[]): Mode[] {
  const isNeeded = entries.some(({ name }) => name === MODE || name === MODE_SETPOINT);
  if (!reader.has('modes') && !isNeeded) return [];
  const modes: Mode[] = [];
  for (const [name, code] of reader.at('modes').each()) {
    if (!MODE_NAME.test(name)) throw code.wrong('names of lower case letters, digits and -', `"${name}" cannot be`);
    modes.push({ name, code: code.number('the number of the mode') });
  }
  if (isNeeded && modes.length === 0) throw reader.at('modes').wrong('at least one mode, as "standby": 1');
  return modes;
}
