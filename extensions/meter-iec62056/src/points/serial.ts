import { decodeAddress, obisOf, type DataSet } from '@smx-edge/protocols/iec62056-21';
import { printedRegister } from '@smx-edge/protocols/obis-points';

/** Serial number that a reading shows, of several addresses that hold one the one named best; undefined where none does. */
export function serialOf(sets: readonly DataSet[]): string | undefined {
  let best: { readonly text: string; readonly rank: number } | undefined;
  for (const { address, values } of sets) {
    const decoded = decodeAddress(address);
    const register = decoded && printedRegister(obisOf(decoded));
    const text = values[0]?.value.trim() ?? '';
    if (register?.path !== 'serial' || text === '' || (best !== undefined && best.rank <= register.rank)) continue;
    best = { text, rank: register.rank };
  }
  return best?.text;
}
