import { formatObis, type Obis } from '@smx-edge/model';
import { malformed } from './byte-reader.js';

/** The six octets of a logical name. */
export function decodeName(octets: Uint8Array): Obis {
  if (octets.length !== 6) malformed(`a logical name of ${octets.length} bytes`);
  const [a, b, c, d, e, f] = octets;
  return { a: a!, b: b!, c: c!, d: d!, e: e!, f: f! };
}

export function encodeName({ a, b, c, d, e, f }: Obis): Uint8Array {
  return Uint8Array.of(a, b, c, d, e, f);
}

/** `1-0:1.8.0`, with `*F` where F is not 255. */
export function nameText(octets: Uint8Array): string {
  return formatObis(decodeName(octets));
}
