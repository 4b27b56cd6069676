import { nameText, type Data } from '@smx-edge/protocols/cosem';
import type { MeterObject } from './meter-object.js';

/** More objects than any meter has: what is longer is no object list. */
const MOST = 4096;

/**
 * The objects of an association's object list: class, version and logical name, by short names the base name before them
 * (Blue Book §4.4.3 and §4.4.4). Entries that are not as they should be are left out; `skipped` counts them.
 */
export function objectsOf(list: Data): { readonly objects: MeterObject[]; readonly skipped: number } {
  const objects: MeterObject[] = [];
  const entries = list.type === 'array' || list.type === 'compact-array' ? list.value.slice(0, MOST) : [];
  for (const entry of entries) {
    const object = objectOf(entry);
    if (object !== undefined) objects.push(object);
  }
  return { objects, skipped: entries.length - objects.length };
}

function objectOf(entry: Data): MeterObject | undefined {
  if (entry.type !== 'structure') return undefined;
  const [first, second, third, fourth] = entry.value;
  // by logical names: class, version, name, access rights; by short names: base, class, version, name
  if (third?.type === 'octet-string' && third.value.length === 6) {
    const [classId, version] = [count(first), count(second)];
    if (classId === undefined || version === undefined) return undefined;
    return { classId, version, obis: nameText(third.value) };
  }
  if (fourth?.type !== 'octet-string' || fourth.value.length !== 6) return undefined;
  const base = first !== undefined && 'value' in first && typeof first.value === 'number' ? first.value : undefined;
  const [classId, version] = [count(second), count(third)];
  if (base === undefined || classId === undefined || version === undefined) return undefined;
  // base names are signed there
  return { classId, version, obis: nameText(fourth.value), base: base & 0xffff };
}

function count(data: Data | undefined): number | undefined {
  const value = data !== undefined && 'value' in data ? data.value : undefined;
  return typeof value === 'number' && value >= 0 ? value : undefined;
}
