import type { Data } from '@smx-edge/protocols/cosem';
import { profileObject, type MeterObject } from '@smx-edge/protocols/dlms';
import { isSummer, type MeterEvent, type MeterRow, type MeterSource } from '../billing/index.js';
import type { Family } from './family.js';
import { capture, clockOf, octets, stamp, unsigned, wattHours } from './values.js';

const QUARTER = 900;
const CLOCK = { classId: 8, obis: '0-0:1.0.0', attribute: 2 };
const REGISTERS = ['1-0:1.8.0', '1-0:2.8.0', '1-0:3.8.0', '1-0:4.8.0'].map((obis) => ({ classId: 3, obis, attribute: 2 })); // prettier-ignore

/** The quarter hours the meter kept: clock, status, four registers; what is as in the row before is left out. */
export function loadProfile({ memory }: MeterSource, { statusColumn }: Family): MeterObject {
  const cells = new Cells(({ end, status, offset, ...row }: MeterRow) => [
    stamp(end, { offset, isSummer: isSummer(status) }),
    unsigned(status),
    ...[row.import, row.export, row.reactiveImport, row.reactiveExport].map(wattHours),
  ]);
  return profileObject(
    { name: octets('1-0:99.1.0'), baseName: 25_200 },
    {
      columns: [CLOCK, statusColumn, ...REGISTERS].map(capture),
      period: QUARTER,
      capacity: memory.capacity,
      compressed: true,
      rows: () => cells.of(memory.rows),
      index: {
        count: () => memory.rows.length,
        between: (from, to) => cells.of(memory.between(from, to)),
      },
    },
  );
}

/** What happened to the meter: when, and its number for it. */
export function eventLog({ house, memory }: MeterSource, { eventLog: obis, eventColumn, events }: Family): MeterObject {
  const cells = new Cells(({ t, what }: MeterEvent) => [stamp(t, clockOf(t, house.zone)), unsigned(events[what])]);
  return profileObject(
    { name: octets(obis), baseName: 24_800 },
    {
      columns: [CLOCK, eventColumn].map(capture),
      period: 0,
      capacity: memory.capacity,
      rows: () => cells.of(memory.events),
    },
  );
}

/** Rows as they go on the line, each made once. */
class Cells<T extends object> {
  private readonly made = new WeakMap<T, readonly Data[]>();

  constructor(private readonly make: (kept: T) => readonly Data[]) {}

  of(kept: readonly T[]): (readonly Data[])[] {
    return kept.map((one) => {
      const known = this.made.get(one);
      if (known !== undefined) return known;
      const cells = this.make(one);
      this.made.set(one, cells);
      return cells;
    });
  }
}
