import type { Unit } from '@smx-edge/model';

/** Units by their code (IEC 62056-6-2, table of physical units); others have no place in the house. */
const UNITS: Readonly<Record<number, Unit>> = {
  7: 's',
  9: 'Cel',
  13: 'm3',
  14: 'm3',
  25: 'J',
  27: 'W',
  28: 'VA',
  29: 'var',
  30: 'Wh',
  31: 'VAh',
  32: 'varh',
  33: 'A',
  35: 'V',
  44: 'Hz',
  56: '%',
  255: '1',
};

/** Code of a unit of the house; the lowest where it has several. Undefined where it has none. */
export function codeOf(unit: string): number | undefined {
  const found = Object.entries(UNITS).find(([, known]) => known === unit);
  return found && Number(found[0]);
}

/** Undefined for a unit the house does not know; its number may not be shown as another. */
export function unitOf(code: number): Unit | undefined {
  return UNITS[code];
}
