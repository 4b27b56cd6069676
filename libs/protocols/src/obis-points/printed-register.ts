import { formatObis, parseObis, scaledUnit, type PointKind, type PointType, type Unit } from '@smx-edge/model';
import type { ObisRow } from '../p1/obis-row.js';
import { OBIS_TABLE } from '../p1/obis-table.js';
import { nameOf } from './point-names.js';

/** A register of a meter that prints its values, and the point it becomes. */
export interface PrintedRegister {
  /** Below the device. */
  readonly path: string;
  readonly unit: Unit | null;
  readonly type: PointType;
  readonly kind: PointKind;
  /** Unit taken where the meter leaves it out, as `kWh`; empty where there is none. */
  readonly printed: string;
  /** Whether a negative number is plausible. */
  readonly isSigned: boolean;
  /** Where several registers give one point, the lowest wins. */
  readonly rank: number;
  readonly isPersonal: boolean;
}

const TYPES: Partial<Record<ObisRow['form'], PointType>> = {
  number: 'number',
  'peak-month': 'number',
  text: 'string',
  octets: 'string',
};

const REGISTERS: ReadonlyMap<string, PrintedRegister> = new Map(
  OBIS_TABLE.flatMap((row): [string, PrintedRegister][] => {
    const type = TYPES[row.form];
    return row.path === undefined || type === undefined
      ? []
      : [[row.code, registerOf({ ...row, path: row.path }, type)]];
  }),
);

function registerOf(row: ObisRow & { readonly path: string }, type: PointType): PrintedRegister {
  const { path, unit: printed = '', kind = 'measurement', rank = 0 } = row;
  return {
    ...{ path, type, kind, rank, printed },
    unit: printed === '1' ? '1' : (scaledUnit(printed)?.unit ?? null),
    isSigned: row.signed === true,
    isPersonal: row.personal === true,
  };
}

/** What a printed register is; those of channel B of electricity are named as of channel 0. Undefined where it has no name. */
export function printedRegister(obis: string): PrintedRegister | undefined {
  const code = parseObis(obis);
  if (code === undefined || code.f !== 255) return undefined;
  const plain = formatObis(code.a === 1 ? { ...code, b: 0 } : code);
  const known = REGISTERS.get(plain);
  if (known !== undefined) return known;
  // those that no P1 port prints have their sign
  const named = nameOf(obis);
  return named && { ...named, type: 'number', printed: named.unit ?? '', isSigned: true, rank: 0, isPersonal: false };
}
