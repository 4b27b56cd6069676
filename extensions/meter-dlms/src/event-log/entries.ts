import type { Zone } from '@smx-edge/model';
import { nameText, type Data } from '@smx-edge/protocols/cosem';
import { looseRows, type CaptureObject } from '@smx-edge/protocols/dlms';
import type { Capture, Column } from '../load-profile/capture.js';
import { timeOf, valueText } from '../load-profile/rows.js';
import { bytesOf, rawOf, textOf } from '../objects/values.js';

/** What a meter wrote down of something that happened. */
export interface Entry {
  /** ms UTC, by the meter's clock. */
  readonly t: number;
  /** The meter's number for what happened; undefined where no column holds one. */
  readonly number: number | undefined;
  /** What else stands in the row, by OBIS code, of an attribute other than the second with `/N`. Scaled numbers as decimal text. */
  readonly values: Readonly<Record<string, string | null>>;
  /** The row as it stands, hexadecimal, where it is none of this log. */
  readonly bytes?: string;
  /** How many entries before it in the log are the same in all of this. */
  readonly nth: number;
}

export interface EntryForm extends Pick<Capture, 'captured' | 'columns'> {
  readonly zone: Zone;
  /** OBIS codes of columns that hold the number of the event, besides those of the Blue Book. */
  readonly numbers: readonly string[];
}

/** Event codes are named 96.11.e (IEC 62056-61 §5.6.5). */
const EVENT_CODE = /^\d+-\d+:96\.11\./;

export interface Entries {
  readonly entries: readonly Entry[];
  /** Rows that were left out because they have no time. */
  readonly timeless: number;
}

/** Entries of a log's buffer; a row that is not as its columns say by its bytes. Throws SMX_PROTOCOL_APDU for what is no list of rows. */
export function entriesOf(buffer: Data, { captured, columns, zone, numbers }: EntryForm): Entries {
  const at = captured.findIndex((one) => one.attribute === 2 && isNumber(nameText(one.name), numbers));
  const same = new Map<string, number>();
  const counted = (entry: Omit<Entry, 'nth'>): [Entry] => {
    const key = JSON.stringify(entry);
    const nth = same.get(key) ?? 0;
    same.set(key, nth + 1);
    return [{ ...entry, nth }];
  };
  const rows = looseRows(buffer, { columns: captured, period: 0 });
  let before: number | undefined;
  const entries = rows.flatMap((row): Entry[] => {
    if ('broken' in row) {
      before = row.t ?? before;
      if (before === undefined) return [];
      return counted({ t: before, number: undefined, values: {}, bytes: bytesOf(row.broken) });
    }
    // without a clock of its own it is of the same time as the row before
    const t = timeOf(row, zone) ?? (row.clockStatus === undefined ? before : undefined);
    before = t;
    if (t === undefined) return [];
    const raw = at < 0 ? undefined : rawOf(row.values[at]!);
    const cells = captured.flatMap((one, i) =>
      i === at || columns[i]!.kind === 'clock' ? [] : [[nameOf(one), cellText(row.values[i]!, columns[i]!)] as const],
    );
    return counted({ t, number: raw === undefined ? undefined : Number(raw), values: Object.fromEntries(cells) });
  });
  return { entries, timeless: rows.length - entries.length };
}

function isNumber(obis: string, numbers: readonly string[]): boolean {
  return EVENT_CODE.test(obis) || numbers.includes(obis);
}

function nameOf({ name, attribute }: CaptureObject): string {
  return attribute === 2 ? nameText(name) : `${nameText(name)}/${attribute}`;
}

function cellText(data: Data, column: Column): string | null {
  return valueText(data, column.kind === 'value' ? column.scaler : 0) ?? textOf(data) ?? null;
}
