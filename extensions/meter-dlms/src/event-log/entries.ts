import { EntryCount, type Entries, type Entry } from '@smx-edge/extension-api/metering';
import type { Zone } from '@smx-edge/model';
import { nameText, type Data } from '@smx-edge/protocols/cosem';
import { looseRows, type CaptureObject } from '@smx-edge/protocols/dlms';
import type { Capture, Column } from '../load-profile/capture.js';
import { timeOf, valueText } from '../load-profile/rows.js';
import { bytesOf, rawOf, textOf } from '../objects/values.js';

export interface EntryForm extends Pick<Capture, 'captured' | 'columns'> {
  readonly zone: Zone;
  /** OBIS codes of columns that hold the number of the event, besides those of the Blue Book. */
  readonly numbers: readonly string[];
}

/** Event codes are named 96.11.e (IEC 62056-61 §5.6.5). */
const EVENT_CODE = /^\d+-\d+:96\.11\./;

/** Entries of a log's buffer; a row that is not as its columns say by its bytes. Throws SMX_PROTOCOL_APDU for what is no list of rows. */
export function entriesOf(buffer: Data, { captured, columns, zone, numbers }: EntryForm): Entries {
  const at = captured.findIndex((one) => one.attribute === 2 && isNumber(nameText(one.name), numbers));
  const count = new EntryCount();
  const rows = looseRows(buffer, { columns: captured, period: 0 });
  let before: number | undefined;
  const entries = rows.flatMap((row): Entry[] => {
    if ('broken' in row) {
      before = row.t ?? before;
      if (before === undefined) return [];
      return [count.number({ t: before, number: undefined, values: {}, bytes: bytesOf(row.broken) })];
    }
    // without a clock of its own it is of the same time as the row before
    const t = timeOf(row, zone) ?? (row.clockStatus === undefined ? before : undefined);
    before = t;
    if (t === undefined) return [];
    const raw = at < 0 ? undefined : rawOf(row.values[at]!);
    const cells = captured.flatMap((one, i) =>
      i === at || columns[i]!.kind === 'clock' ? [] : [[nameOf(one), cellText(row.values[i]!, columns[i]!)] as const],
    );
    return [
      count.number({ t, number: raw === undefined ? undefined : Number(raw), values: Object.fromEntries(cells) }),
    ];
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
