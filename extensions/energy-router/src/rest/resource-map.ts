import { readMap, type MapEntry, type RouterMap } from '../map/entry.js';
import type { MapReader } from '../map/map-reader.js';
import { isPointer } from './json-pointer.js';

/** Where a number stands in what a server says. */
interface ResourcePlace {
  /** From the origin on, with its query. */
  readonly path: string;
  readonly pointer: string;
}

interface ResourceWays {
  /** Undefined where it is not read. */
  readonly read: ResourcePlace | undefined;
  /** Undefined where it is not written. The pointer is the place in the body that is sent. */
  readonly write: (ResourcePlace & { readonly method: WriteMethod }) | undefined;
}

export type ResourceEntry = MapEntry & ResourceWays;
export type ResourceMap = RouterMap<ResourceEntry>;

const WRITE_METHODS = ['PUT', 'POST', 'PATCH'] as const;
type WriteMethod = (typeof WRITE_METHODS)[number];

const KEYS = ['path', 'pointer', 'method', 'readback'] as const;
const PATH = /^\/[^\s#]*$/;

/** A map of resources. Throws SMX_ROUTER_MAP. */
export function readResourceMap(reader: MapReader): ResourceMap {
  return readMap(reader, KEYS, (entry, { isRead, isWritten }): ResourceWays => {
    const place = placeOf(entry);
    if (!isWritten) {
      if (entry.has('method')) entry.at('method').word(['GET']);
      if (entry.has('readback')) throw entry.at('readback').wrong('a read-back only of what is written');
      return { read: place, write: undefined };
    }
    const write = { ...place, method: entry.at('method').word(WRITE_METHODS) };
    if (!entry.has('readback')) return { read: isRead ? place : undefined, write };
    const readback = entry.at('readback');
    readback.object(['path', 'pointer']);
    return { read: placeOf(readback), write };
  });
}

function placeOf(entry: MapReader): ResourcePlace {
  return {
    path: entry.at('path').text('a path from the root of the server, as "/api/state"', (text) => PATH.test(text)),
    pointer: entry.at('pointer').text('a JSON pointer (RFC 6901), as "/battery/power"', isPointer),
  };
}
