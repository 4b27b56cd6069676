import type { NewEvent } from '@smx-edge/model';
import type { Salvaged } from './salvage-history.js';
import type { Carried, StoreSalvaged } from './salvage-store.js';

const once = { path: 'box', state: 'once' } as const;

const damaged = (setAside: string, what: string, t: number): NewEvent => ({
  ...{ ...once, t, code: 'SMX_STORE_DAMAGED', severity: 'critical' },
  text: `A database was damaged or of another epoch and set aside as ${setAside}; ${what}.`,
  data: { setAside },
});

/** The file of history was set aside. */
export const historyDamage = (setAside: string, t: number): NewEvent =>
  damaged(setAside, 'what is sound in it is brought back in the background', t);

/** The store was set aside. `short`: tables of which a part is gone. */
export function storeDamage(setAside: string, { goesOn, short }: Carried, t: number): NewEvent {
  const epoch = goesOn ? 'its epoch goes on' : 'a new epoch begins';
  const gone = short.length === 0 ? '' : `; a part of ${short.join(', ')} is gone`;
  const told = damaged(setAside, `what is sound in it is brought back, ${epoch}${gone}`, t);
  return { ...told, data: { setAside, epoch: goesOn ? 'kept' : 'new', short } };
}

const salvaged = (text: string, data: unknown, t: number): NewEvent => ({
  ...{ ...once, t, code: 'SMX_STORE_SALVAGED', severity: 'info' },
  ...{ text, data },
});

export function historySalvaged({ segments, samples, lost, spans, lostWindows }: Salvaged, t: number): NewEvent {
  const text = `${samples} samples and ${spans} rows of windows came back out of a damaged file of history; ${lost} samples and ${lostWindows} bytes of windows did not.`;
  return salvaged(text, { segments, samples, lost, spans, lostWindows }, t);
}

export function storeSalvaged({ rows, lost }: StoreSalvaged, t: number): NewEvent {
  const of = ({ events, ledger, profile_rows: profiles }: StoreSalvaged['rows']): string =>
    `${events} events, ${ledger} ledger entries and ${profiles} rows of load profiles`;
  const isAll = Object.values(lost).every((n) => n === 0);
  const event = salvaged(`${of(rows)} came back out of a damaged store; ${of(lost)} did not.`, { rows, lost }, t);
  return isAll ? event : { ...event, severity: 'alarm' };
}
