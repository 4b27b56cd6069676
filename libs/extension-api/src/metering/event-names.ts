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
 * An entry of a meter's log as an event of the house: by its name where the family of the meter has one, else by its number; a
 * row that is no entry by its bytes. What is too long for an event is left out, and the text says so; its SHA-256 tells it from
 * others of the same time.
 */
export function eventOf(
  entry: Entry,
  { log, eventNames, eventWarnings }: EventNames & { readonly log: string },
): { readonly code: string; readonly event: EventInit } {
  const { t, number, values, nth, bytes } = entry;
  const name = bytes !== undefined ? 'unreadable' : number === undefined ? undefined : eventNames[number];
  const head = { log, number: number ?? null, ...(nth > 0 && { nth }) };
  const data = bytes === undefined ? { ...head, values } : { ...head, bytes };
  const isLong = JSON.stringify(data).length > LONGEST;
  return {
    code: `log.${name ?? number ?? 'entry'}`,
    event: {
      severity: bytes !== undefined || (number !== undefined && eventWarnings.includes(number)) ? 'warning' : 'info',
      text: `${textOf(entry, name)}${isLong ? '; what more it holds is too long for an event and left out' : ''}`,
      t,
      data: isLong ? { ...head, values: null, sha256: sha256(JSON.stringify(bytes ?? values)) } : data,
      unique: true,
    },
  };
}

function textOf({ bytes, number }: Pick<Entry, 'bytes' | 'number'>, name: string | undefined): string {
  if (bytes !== undefined) return 'The meter wrote down a row of other columns than its log has; here are its bytes';
  return `The meter wrote down: ${name?.replaceAll('-', ' ') ?? (number === undefined ? 'an entry without a number' : `event ${number}`)}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
