import { createHash } from 'node:crypto';
import type { EventInit } from '../device.js';
import type { Entry } from './entry.js';

/** What the numbers of a family of meters mean. */
export interface EventNames {
  /** Names as event codes are written, below `log.`. */
  readonly eventNames: Readonly<Record<string, string>>;
  /** Numbers of events that somebody should look at. */
  readonly eventWarnings: readonly number[];
}

/** Characters of JSON that the data of an event may have. */
const LONGEST = 16 * 1024;

/**
 * An entry of a meter's log as an event of the house: by its name where the family of the meter has one, else by its number.
 * Values too long for an event are left out, and the text says so; their SHA-256 tells it from others of the same time.
 */
export function eventOf(
  { t, number, values, nth }: Entry,
  { log, eventNames, eventWarnings }: EventNames & { readonly log: string },
): { readonly code: string; readonly event: EventInit } {
  const name = number === undefined ? undefined : eventNames[number];
  const what = name?.replaceAll('-', ' ') ?? (number === undefined ? 'an entry without a number' : `event ${number}`);
  const data = { log, number: number ?? null, values, ...(nth > 0 && { nth }) };
  const isLong = JSON.stringify(data).length > LONGEST;
  return {
    code: `log.${name ?? number ?? 'entry'}`,
    event: {
      severity: number !== undefined && eventWarnings.includes(number) ? 'warning' : 'info',
      text: `The meter wrote down: ${what}${isLong ? '; the further columns are too long for an event and left out' : ''}`,
      t,
      data: isLong ? { ...data, values: null, sha256: sha256(JSON.stringify(values)) } : data,
      unique: true,
    },
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
