import { decodeDataSets, type DataValue } from './data-set.js';
import { decodeStamp, type Stamp } from './stamp.js';

/** What one value of a row is. */
export interface ProfileChannel {
  /** As the meter writes it: `1.5`, `1-1:1.29`. */
  readonly address: string;
  /** Empty where the meter gives none. */
  readonly unit: string;
}

/** Rows under one heading: a meter writes another where status or channels change, and behind a gap. */
export interface ProfileBlock {
  /** Of the first row. Whether it is the start or the end of its interval is a matter of the meter. */
  readonly stamp: Stamp;
  /** Hexadecimal digits, as the meter writes them. */
  readonly status: string;
  /** Minutes from row to row; undefined for a log. */
  readonly period: number | undefined;
  readonly channels: readonly ProfileChannel[];
  /** One text for each channel; a log has one row. */
  readonly rows: readonly (readonly string[])[];
}

/** What the meter says in place of data, as `ERROR01`. */
export interface Refusal {
  readonly error: string;
}

/** Why something is no profile; what was read before it does not count. */
export interface ProfileFault {
  readonly fault: string;
}

const MOST_CHANNELS = 64;
const HEADING = 4;
const ERROR = /^ERROR/;

/** What the meter refuses with: `(ERROR01)` alone, or behind the address that was asked for. */
export function decodeRefusal(text: string): Refusal | undefined {
  const [first] = decodeDataSets(text.slice(0, 128));
  const value = first?.values.length === 1 ? first.values[0]!.value : '';
  return ERROR.test(value) ? { error: value } : undefined;
}

/**
 * A load profile (P.01, P.02) or a log (P.98): `address(ZST)(status)(period)(n)`, `(channel)(unit)` n times, then rows of n
 * values, which line ends do not matter to. `P.01()` is one without rows.
 */
export function decodeProfile(text: string): readonly ProfileBlock[] | ProfileFault {
  const blocks: ProfileBlock[] = [];
  let rows: string[][] = [];
  let row: string[] = [];
  for (const { address, values } of decodeDataSets(text)) {
    let rest: readonly DataValue[] = values;
    if (address !== '') {
      if (row.length > 0) return { fault: `a row ends after ${row.length} values` };
      if (values.length === 1 && values[0]!.value === '') continue;
      const heading = headingOf(values);
      if ('fault' in heading) return heading;
      rows = [];
      blocks.push({ ...heading, rows });
      rest = values.slice(HEADING + 2 * heading.channels.length);
    }
    const width = blocks.at(-1)?.channels.length ?? 0;
    for (const { value, unit } of rest) {
      if (width === 0) return { fault: 'values that no heading tells of' };
      row.push(unit === undefined ? value : `${value}*${unit}`);
      if (row.length < width) continue;
      rows.push(row);
      row = [];
    }
  }
  return row.length > 0 ? { fault: `the last row ends after ${row.length} values` } : blocks;
}

/**
 * Entries of a log (P.98), each for itself: one that is not as its heading says is left out and counted, and holds no other up.
 */
export function decodeLog(text: string): { readonly entries: readonly ProfileBlock[]; readonly leftOut: number } {
  const parts: { readonly address: string; readonly values: DataValue[] }[] = [];
  for (const { address, values } of decodeDataSets(text)) {
    const last = parts.at(-1);
    // not all at once: a call takes no more values than fit on the stack
    if (address === '' && last !== undefined) for (const value of values) last.values.push(value);
    else parts.push({ address, values: [...values] });
  }
  const asked = parts.filter(({ values }) => values.length > 1 || values[0]?.value !== '');
  const entries = asked.flatMap(({ address, values }): readonly ProfileBlock[] => {
    const blocks = decodeProfile(`${address}${values.map(textOf).join('')}`);
    return 'fault' in blocks || address === '' ? [] : blocks;
  });
  return { entries, leftOut: asked.length - entries.length };
}

const textOf = ({ value, unit }: DataValue): string => (unit === undefined ? `(${value})` : `(${value}*${unit})`);

function headingOf(values: readonly DataValue[]): Omit<ProfileBlock, 'rows'> | ProfileFault {
  const [time, status, period, count] = values.slice(0, HEADING).map(({ value }) => value);
  if (count === undefined) return { fault: `a heading of ${values.length} values` };
  const stamp = decodeStamp(time!);
  if (stamp === undefined) return { fault: `"${time}" is no time stamp` };
  if (!/^[0-9A-Fa-f]{0,8}$/.test(status!)) return { fault: `"${status}" is no status` };
  if (!/^\d{0,4}$/.test(period!) || Number(period) < 0) return { fault: `"${period}" is no period` };
  const n = Number(count);
  if (!/^\d{1,2}$/.test(count) || n > MOST_CHANNELS) return { fault: `"${count}" is no number of channels` };
  const named = values.slice(HEADING, HEADING + 2 * n);
  if (named.length < 2 * n) return { fault: `a heading with ${named.length} of ${2 * n} names and units` };
  const channels = Array.from({ length: n }, (_, i) => ({
    address: named[2 * i]!.value,
    unit: named[2 * i + 1]!.value,
  }));
  return { stamp, status: status!, period: Number(period) || undefined, channels };
}
