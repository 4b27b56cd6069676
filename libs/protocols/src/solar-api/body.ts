import { statusFault, type SolarApiFault } from './fault.js';
import { broken, decodeJson, type BodyOptions } from './json-text.js';
import { isObject, objectAt, type JsonObject } from './json.js';
import { textAt } from './text.js';

/** What a device answered with, or pushed. */
export interface SolarApiBody {
  /** The clock of the device, ms UTC; it may be minutes off. Undefined where it gives none. */
  readonly t: number | undefined;
  /** What was asked, as the device repeats it: `DeviceId`, `Scope`, `DataCollection` … */
  readonly request: JsonObject;
  /** `Body.Data`; `Body.LoggerInfo` of a GetLoggerInfo; `Body` itself where it has neither, as what is pushed. */
  readonly data: JsonObject;
}

const LEVELS = ['Data', 'LoggerInfo'] as const;

/**
 * The frame around answers of the Fronius Solar API V0 and V1 ("Common response header") and around what a Datamanager
 * pushes. A status other than 0 is a fault, coded by what it means. GetAPIVersion alone has no frame.
 */
export function decodeBody(bytes: Uint8Array, options: BodyOptions = {}): SolarApiBody | SolarApiFault {
  const answer = decodeJson(bytes, options);
  if ('fault' in answer) return answer;
  const { json } = answer;
  const head = objectAt(json, 'Head');
  const status = objectAt(head, 'Status');
  const { Code: code = 0 } = status;
  if (typeof code !== 'number') return broken('the status of the answer is no number');
  if (code !== 0) return statusFault(code, textAt(status, 'Reason') ?? '');
  const body = json['Body'];
  if (!isObject(body)) return broken('the answer has no Body: check that the address is one of the Solar API');
  const level = LEVELS.find((key) => key in body);
  const data = level === undefined ? body : body[level];
  if (!isObject(data)) return broken(`Body.${level} is no object`);
  return { t: timeOf(head['Timestamp']), request: objectAt(head, 'RequestArguments'), data };
}

/** ms UTC of a stamp with zone (`2018-03-17T09:37:14+01:00`), undefined where it is none. */
export function timeOf(stamp: unknown): number | undefined {
  const t = typeof stamp === 'string' && stamp.length < 40 ? Date.parse(stamp) : NaN;
  return Number.isNaN(t) ? undefined : t;
}
