import { askedName, nameOf, type PointName } from '@smx-edge/protocols/obis-points';
import type { Catalogue } from '../objects/catalogue.js';
import { isAttribute, scalerAttribute, type MeterObject } from '../objects/meter-object.js';

/** A register of the meter that is read, and the point it becomes. */
export interface Picked extends PointName {
  readonly object: MeterObject;
}

/**
 * The registers to read: those that every meter names alike, and those the config asks for. Of several with one path the
 * config's own goes first, then the one of channel 0.
 */
export function pick(
  catalogue: Pick<Catalogue, 'objects' | 'find'>,
  asked: Readonly<Record<string, string>>,
): { readonly picked: Picked[]; readonly missing: string[] } {
  const byPath = new Map<string, Picked>();
  const missing: string[] = [];
  for (const [path, obis] of Object.entries(asked)) {
    const object = catalogue.find(obis);
    if (object === undefined || !isReadable(object)) missing.push(obis);
    else byPath.set(path, { ...askedName(path, obis), object });
  }
  const channels = [...catalogue.objects].sort((a, b) => channelOf(a) - channelOf(b));
  for (const object of channels) {
    const name = scalerAttribute(object.classId) === undefined ? undefined : nameOf(object.obis);
    if (name !== undefined && !byPath.has(name.path)) byPath.set(name.path, { ...name, object });
  }
  return { picked: [...byPath.values()], missing };
}

const channelOf = ({ obis }: MeterObject): number => Number(/-(\d+):/.exec(obis)?.[1] ?? 0);

/** Whether its value is an attribute for certain: by short names that is known of some classes only. */
const isReadable = ({ base, classId }: MeterObject): boolean => base === undefined || isAttribute(classId, 2);
