import { EntryCount, type Entries, type Entry } from '@smx-edge/extension-api/metering';
import type { Zone } from '@smx-edge/model';
import { decodeAddress, decodeLog, obisOf, type ProfileBlock } from '@smx-edge/protocols/iec62056-21';
import { stampTime } from '../points/meter-stamp.js';

/** Event codes are named C.11.e (96.11.e of IEC 62056-61 §5.6.5). */
const EVENT_CODE = /^\d+-\d+:96\.11\./;

/**
 * Entries of a log (P.98) in either layout: with the number of the event in a column C.11.e, else with what happened in the bits of
 * the status, whose word is the number then. What is not as its heading says is left out and counted.
 */
export function entriesOf(text: string, zone: Zone): Entries {
  const { entries, leftOut } = decodeLog(text);
  const count = new EntryCount();
  return { entries: entries.map((block) => count.number(entryOf(block, zone))), timeless: leftOut };
}

function entryOf({ stamp, status, channels, rows }: ProfileBlock, zone: Zone): Omit<Entry, 'nth'> {
  const cells = channels.map(({ address }, i) => [nameOf(address), rows[0]?.[i] ?? null] as const);
  const code = cells.find(([name, value]) => EVENT_CODE.test(name) && /^\d{1,9}$/.test(value ?? ''));
  const word = Number.parseInt(status, 16);
  const number = code === undefined ? (word > 0 ? word : undefined) : Number(code[1]);
  return { t: stampTime(stamp, zone), number, values: Object.fromEntries([['status', status], ...cells]) };
}

function nameOf(address: string): string {
  const decoded = decodeAddress(address);
  return decoded === undefined ? address : obisOf(decoded).replace('*255', '');
}
