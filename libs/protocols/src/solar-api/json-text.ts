import type { SolarApiFault } from './fault.js';
import { isObject, type JsonObject } from './json.js';
import { decodeText } from './text.js';

export interface BodyOptions {
  /** Bytes beyond which a body is not looked into; default 8 MiB: 16 days of an archive. */
  readonly longest?: number;
}

const LONGEST = 8 * 2 ** 20;
const SHOWN = 40;
const SPACE = 0x20;
const LESS_THAN = 0x3c;
const TITLE = /<title>([^<]{0,200})/i;
const BOM = [0xef, 0xbb, 0xbf];

/** The object in the JSON of a device, whatever type it says it has; blanks and NUL bytes around it do not matter. */
export function decodeJson(
  bytes: Uint8Array,
  { longest = LONGEST }: BodyOptions = {},
): { readonly json: JsonObject } | SolarApiFault {
  if (bytes.length > longest) return broken(`the answer has ${bytes.length} bytes, more than ${longest}`);
  let [start, end] = [BOM.every((byte, i) => bytes[i] === byte) ? BOM.length : 0, bytes.length];
  // some firmwares send the NUL bytes behind their buffer
  while (end > start && bytes[end - 1]! <= SPACE) end--;
  while (start < end && bytes[start]! <= SPACE) start++;
  if (start === end) return broken('the answer is empty');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
  if (bytes[start] === LESS_THAN) return webPage(text);
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? { json } : broken('the answer is JSON, but no object');
  } catch {
    return broken(`the answer is no JSON, or was cut: ${bytes.length} bytes, "${text.slice(0, SHOWN)}" …`);
  }
}

/** What is no answer of the Solar API. */
export function broken(fault: string): SolarApiFault {
  return { code: 'SMX_SOLARAPI_BODY', fault };
}

function webPage(text: string): SolarApiFault {
  const title = decodeText(TITLE.exec(text.slice(0, 4096))?.[1] ?? '');
  const says = title === '' ? '' : ` ("${title}")`;
  return {
    code: 'SMX_SOLARAPI_PAGE',
    fault: `a web page came in place of JSON${says}: switch the Solar API on in the inverter's page, or check the address`,
  };
}
