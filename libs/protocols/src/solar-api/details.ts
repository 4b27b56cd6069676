import { objectAt, present, type JsonObject } from './json.js';
import { textAt } from './text.js';

/** Who made a device; what the firmware does not know is left out. */
export interface Details {
  readonly manufacturer?: string;
  readonly model?: string;
  readonly serial?: string;
}

/** `Details` of a meter, storage or Ohmpilot. */
export function detailsOf(data: JsonObject): Details {
  const details = objectAt(data, 'Details');
  return present({
    manufacturer: textAt(details, 'Manufacturer'),
    model: textAt(details, 'Model'),
    serial: textAt(details, 'Serial'),
  });
}

/** ms UTC of a `TimeStamp` in seconds, undefined where there is none. */
export function stampOf({ TimeStamp: seconds }: JsonObject): number | undefined {
  return typeof seconds === 'number' && seconds > 0 && seconds < 2 ** 33 ? Math.round(seconds * 1000) : undefined;
}
