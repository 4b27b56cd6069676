import { scaledUnit, type Unit } from '@smx-edge/model';
import { isObject, type JsonObject } from './json.js';

/** A number of the device in the unit of the house, with the sign it has on the wire; null has a reason, never stands for 0. */
export type Quantity =
  | { readonly value: number; readonly unit: Unit }
  | { readonly value: null; readonly unit: Unit; readonly reason: NoValue };

/** `null`: the device says so. `implausible`: beyond what any device of its kind can mean. */
export type NoValue = 'null' | 'not a number' | 'implausible' | 'unit';

/** Unit and the keys a quantity goes by; of several that are there the first with a number counts. */
export type FieldTable = Readonly<Record<string, readonly [unit: Unit, ...keys: string[]]>>;

/** What a body has of a table; a quantity that the body leaves out is left out. */
export type Quantities<T extends FieldTable> = { readonly [K in keyof T]?: Quantity };

/** Magnitudes beyond which a number is a fault of the firmware: a GEN24 once told 8.4e252 W. */
const LARGEST: Readonly<Partial<Record<Unit, number>>> = {
  ...{ W: 1e9, var: 1e9, VA: 1e9, Wh: 1e13, varh: 1e13, VAh: 1e13 },
  ...{ V: 1e5, A: 1e5, Hz: 1e3, '%': 1e3, Cel: 1e3, '1': 1e9, s: 1e10 },
};

/** The quantity of a number that stands alone. `wire` is the unit beside it, where the device says one. */
export function quantityOf(value: unknown, unit: Unit, wire?: unknown): Quantity {
  if (value === null) return { value: null, unit, reason: 'null' };
  if (typeof value !== 'number' || !Number.isFinite(value)) return { value: null, unit, reason: 'not a number' };
  const exponent = exponentOf(wire, unit);
  if (exponent === undefined) return { value: null, unit, reason: 'unit' };
  const scaled = exponent < 0 ? value / 10 ** -exponent : value * 10 ** exponent;
  if (Math.abs(scaled) > (LARGEST[unit] ?? Infinity)) return { value: null, unit, reason: 'implausible' };
  return { value: scaled === 0 ? 0 : scaled, unit };
}

/** Power of ten from `wire` to `unit`: 0 where the device says none; undefined where it says one of another kind. */
function exponentOf(wire: unknown, unit: Unit): number | undefined {
  if (typeof wire !== 'string' || wire === '' || wire === unit) return 0;
  const scaled = scaledUnit(wire);
  return scaled?.unit === unit ? scaled.exponent : undefined;
}

/** Quantities of an object whose members are numbers (`"P_PV": 692.9`). */
export function plainQuantities<T extends FieldTable>(data: JsonObject, table: T): Quantities<T> {
  return pick(table, (key, unit) => (key in data ? quantityOf(data[key], unit) : undefined));
}

/** Quantities of an object whose members are `{Unit, Value}`; `find` gives the value of such a member, undefined where it has none. */
export function cellQuantities<T extends FieldTable>(
  data: JsonObject,
  table: T,
  find: (cell: JsonObject) => unknown = ({ Value }) => Value,
): Quantities<T> {
  return pick(table, (key, unit) => {
    const cell = data[key];
    if (!isObject(cell)) return key in data ? quantityOf(cell === null ? null : NaN, unit) : undefined;
    const value = find(cell);
    return value === undefined ? undefined : quantityOf(value, unit, cell['Unit']);
  });
}

function pick<T extends FieldTable>(table: T, read: (key: string, unit: Unit) => Quantity | undefined): Quantities<T> {
  const found: Partial<Record<string, Quantity>> = {};
  for (const name in table) {
    const [unit, ...keys] = table[name]!;
    for (const key of keys) {
      const quantity = read(key, unit);
      if (quantity === undefined || (quantity.value === null && found[name] !== undefined)) continue;
      found[name] = quantity;
      if (quantity.value !== null) break;
    }
  }
  return found;
}
