import { scaledUnit } from '@smx-edge/model';
import { decodeSenml, type SenmlRecord } from '@smx-edge/protocols/senml';
import { QUANTITIES, type Quantity } from '../model/quantities.js';
import { modeName, type Mode } from '../model/modes.js';
import { scaled } from '../model/scale.js';
import { MODE_SETPOINT, SETPOINTS } from '../model/setpoints.js';
import type { Signs } from '../model/signs.js';
import type { Told } from '../driver.js';
import type { Reference } from './topics.js';

/** What a wire has to be known for reading it. */
export interface Wire {
  readonly signs: Signs;
  readonly modes: readonly Mode[];
}

interface Message {
  readonly payload: Uint8Array;
  /** Receive time, ms UTC. */
  readonly t: number;
}

/** What a message on the topic of a reference tells, in the unit and sign of the box; null with the reason where it is no value. */
export function toldBy(reference: Reference, { payload, t }: Message, wire: Wire): Told {
  const { path } = reference;
  const pack = decodeSenml(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8'), t);
  const record = pack && recordOf(pack.records, reference.name);
  if (record === undefined) return { path, value: null, reason: 'what came is no SenML' };
  const at = record.t === undefined ? {} : { t: record.t };
  const { value: number, unit } = record;
  if (typeof number !== 'number') return { path, value: null, reason: 'the router gives no number', ...at };
  const result = path === MODE_SETPOINT ? modeOf(number, wire.modes) : quantityOf(number, { reference, unit, wire });
  return typeof result === 'object' ? { path, value: null, ...result, ...at } : { path, value: result, ...at };
}

/** Of several the newest that bears the name, else the newest: names in the field are often empty. */
function recordOf(records: readonly SenmlRecord[], name: string): SenmlRecord | undefined {
  return records.findLast((record) => record.name.endsWith(name)) ?? records.at(-1);
}

interface NoValue {
  readonly reason: string;
}

function modeOf(code: number, modes: readonly Mode[]): string | NoValue {
  return modeName(modes, code) ?? { reason: `it has no mode ${code}` };
}

function quantityOf(
  number: number,
  { reference, unit = reference.unit, wire }: { reference: Reference; unit: string | undefined; wire: Wire },
): number | NoValue {
  const quantity = quantityAt(reference.path);
  const own = scaledUnit(unit);
  if (own !== undefined && own.unit !== quantity?.unit) return { reason: `it is told in ${unit}` };
  const { side, range = [-Infinity, Infinity] } = quantity ?? {};
  // a unit that nobody knows is taken for the one that belongs there: routers are read as they are
  const value = scaled(number * (side === undefined ? 1 : wire.signs[side]), own?.exponent ?? 0);
  const [least, most] = range;
  return value >= least && value <= most ? value : { reason: `${value} cannot be` };
}

function quantityAt(path: string): Quantity | undefined {
  return QUANTITIES[path] ?? SETPOINTS[path];
}
