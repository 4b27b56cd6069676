import type { RegisterTable } from '@smx-edge/extension-api';
import { readMap, type MapEntry, type RouterMap } from '../map/entry.js';
import type { MapReader } from '../map/map-reader.js';
import { REGISTER_COUNTS, REGISTER_TYPES, type RegisterType } from './register.js';

/** Where an entry stands among the registers of a unit. */
interface RegisterPlace {
  readonly unit: number;
  readonly table: RegisterTable;
  readonly address: number;
  readonly type: RegisterType;
  readonly isLowFirst: boolean;
  /** Where it is read, which may be another register than where it is written; undefined where it is not read. */
  readonly readAt: number | undefined;
}

export type RegisterEntry = MapEntry & RegisterPlace;
export type RegisterMap = RouterMap<RegisterEntry>;

const KEYS = ['unit', 'table', 'address', 'type', 'order', 'readback'] as const;
const LAST = 65_535;

/** A map of registers. Throws SMX_ROUTER_MAP. */
export function readRegisterMap(reader: MapReader): RegisterMap {
  return readMap(reader, KEYS, (entry, { isRead, isWritten }): RegisterPlace => {
    const type = entry.at('type').word(REGISTER_TYPES);
    const last = LAST + 1 - REGISTER_COUNTS[type];
    const table = entry.at('table').word(isWritten ? (['holding'] as const) : (['holding', 'input'] as const));
    const address = entry.at('address').integer([0, last]);
    const readback = entry.has('readback') ? entry.at('readback') : undefined;
    if (readback !== undefined && !isWritten) throw readback.wrong('a read-back only of what is written');
    return {
      ...{ unit: entry.at('unit').integer([0, 255]), table, address, type },
      isLowFirst: entry.has('order') && entry.at('order').word(['high-first', 'low-first']) === 'low-first',
      readAt: readback?.integer([0, last]) ?? (isRead ? address : undefined),
    };
  });
}
