import { decodeAddress, decodeDataSets, obisOf } from '../data-set.js';

/** Whether data name another address than the one that was asked for; many meters name none. */
export function isOfOther(data: string, asked: string): boolean {
  const named = decodeDataSets(data.slice(0, 64))[0]?.address ?? '';
  if (named === '' || asked === '' || named === asked) return false;
  const [a, b] = [decodeAddress(named), decodeAddress(asked)];
  if (a === undefined || b === undefined) return true;
  // who is asked without medium and channel may name its own
  const isWhole = named.includes(':') && asked.includes(':');
  return obisOf(isWhole ? a : { ...a, a: b.a, b: b.b }) !== obisOf(b);
}
