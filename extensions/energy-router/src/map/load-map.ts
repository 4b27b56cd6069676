import { readFileSync } from 'node:fs';
import { describeError, SmxError } from '@smx-edge/model';
import { parseLocated } from './located-json.js';
import { MapReader } from './map-reader.js';

/** No map of a hundred entries is longer, bytes. */
const LARGEST = 256 * 1024;

/** The file of a map. Throws SMX_ROUTER_MAP where it cannot be read or is no JSON. */
export function loadMap(file: string): MapReader {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new SmxError('SMX_ROUTER_MAP', `${file}: it cannot be read (${describeError(cause)}), expected a map in JSON`, { cause }); // prettier-ignore
  }
  if (bytes.length > LARGEST)
    throw new SmxError('SMX_ROUTER_MAP', `${file}: it has ${bytes.length} bytes, expected at most ${LARGEST}`);
  return new MapReader(parseLocated(bytes.toString('utf8'), file), file);
}
