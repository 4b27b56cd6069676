import type { EventInit } from '@smx-edge/extension-api';
import type { MeterProfile } from '../profile/meter-profile.js';
import type { Entry } from './entries.js';

/** An entry of a meter's log as an event of the house: by its name where the family of the meter has one, else by its number. */
export function eventOf(
  { t, number, values, nth }: Entry,
  { log, eventNames, eventWarnings }: Pick<MeterProfile, 'eventNames' | 'eventWarnings'> & { readonly log: string },
): { readonly code: string; readonly event: EventInit } {
  const name = number === undefined ? undefined : eventNames[number];
  const what = name?.replaceAll('-', ' ') ?? (number === undefined ? 'an entry without a number' : `event ${number}`);
  return {
    code: `log.${name ?? number ?? 'entry'}`,
    event: {
      severity: number !== undefined && eventWarnings.includes(number) ? 'warning' : 'info',
      text: `The meter wrote down: ${what}`,
      t,
      data: { log, number: number ?? null, values, ...(nth > 0 && { nth }) },
      unique: true,
    },
  };
}
