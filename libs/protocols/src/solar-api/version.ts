import type { SolarApiFault } from './fault.js';
import { broken, decodeJson, type BodyOptions } from './json-text.js';
import { integerAt } from './json.js';
import { textAt } from './text.js';

/** What GetAPIVersion answers. A 404 to it means a logger of API version 0, `SOLAR_API_V0`. */
export interface ApiVersion {
  readonly version: number;
  /** Begin of every other path, with `/` at both ends. */
  readonly base: string;
  /** As `1.5-9`; undefined where the firmware does not tell. */
  readonly compatibility?: string;
}

/** Of loggers before 2014, which know no GetAPIVersion. */
export const SOLAR_API_V0: ApiVersion = { version: 0, base: '/solar_api/' };

const PATH = /^\/[\w/.-]{0,100}\/$/;

export function decodeApiVersion(bytes: Uint8Array, options: BodyOptions = {}): ApiVersion | SolarApiFault {
  const answer = decodeJson(bytes, options);
  if ('fault' in answer) return answer;
  const version = integerAt(answer.json, 'APIVersion');
  const base = textAt(answer.json, 'BaseURL');
  if (version === undefined || base === undefined || !PATH.test(base))
    return broken('the answer tells no APIVersion and BaseURL: check that the address is one of the Solar API');
  const compatibility = textAt(answer.json, 'CompatibilityRange');
  return { version, base, ...(compatibility === undefined ? {} : { compatibility }) };
}
