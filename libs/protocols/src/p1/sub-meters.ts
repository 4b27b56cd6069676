import { UNITS } from '@smx-edge/model';
import type { CompiledRow } from './obis-index.js';
import { NUMBER_EMPTY, NUMBER_OK, NumberField, UNIT_NONE } from './number-field.js';
import { TextCell, octetText } from './text-cell.js';
import type { Medium, SubMeter } from './telegram.js';
import { TST_LOCAL, TST_OK, TST_REASONS, TstField } from './tst.js';

const HOUR = 3_600_000;
const VALVES = ['closed', 'open', 'released'] as const;
/** Device types of EN 13757-3 that DSMR and eMUCS name. */
const MEDIA: Readonly<Record<number, Medium>> = {
  2: 'electricity',
  3: 'gas',
  4: 'heat',
  6: 'warm-water',
  7: 'water',
  8: 'heat-cost',
  10: 'cooling',
  11: 'cooling',
  12: 'heat',
  13: 'heat',
  21: 'warm-water',
  22: 'water',
};
/** Medium of A in the codes of DSMR 2.2. */
const MEDIUM_OF_A: Readonly<Record<number, Medium>> = { 5: 'heat', 6: 'cooling', 7: 'gas', 8: 'water' };
const READING_UNITS = { m3: UNITS.indexOf('m3'), J: UNITS.indexOf('J'), Wh: UNITS.indexOf('Wh') } as const;

export class SubMeterState implements SubMeter {
  medium: Medium = 'unknown';
  type: number | null = null;
  id: string | null = null;
  ean: string | null = null;
  value: number | null = null;
  unit: 'm3' | 'J' | 'Wh' | null = null;
  unitAssumed = false;
  captured: number | null = null;
  capturedLocal: number | null = null;
  reason: string | null = null;
  valve: 'closed' | 'open' | 'released' | null = null;
  rank: 'primary' | 'secondary' | 'stale' | 'empty' = 'empty';
  obis: string | null = null;

  /** Number of the telegram this was last in. */
  seen = -1;
  idRank = 0;
  valueRank = 0;
  private code = '';
  private codeOf: CompiledRow | undefined;
  readonly idCells = [new TextCell(octetText), new TextCell(octetText)] as const;
  readonly eanCell = new TextCell(octetText);

  constructor(
    readonly channel: number,
    private readonly given: Medium,
  ) {}

  clear(seen: number): void {
    this.seen = seen;
    this.medium = this.given;
    this.type = this.id = this.ean = this.obis = this.valve = null;
    this.rank = 'empty';
    this.noReading(null);
  }

  /** Names the object the reading is from; the text is made once. */
  from(row: CompiledRow): void {
    if (this.codeOf !== row) {
      this.codeOf = row;
      this.code = row.row.code.replace('-n:', `-${this.channel}:`);
    }
    this.obis = this.code;
  }

  noReading(reason: string | null): void {
    this.value = this.captured = this.capturedLocal = this.unit = null;
    this.unitAssumed = false;
    this.reason = reason;
  }
}

/** The brackets of one object. */
export interface GroupRange {
  bytes: Uint8Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** First group and one past the last. */
  first: number;
  last: number;
}

/** The sub-meters of a telegram; one record per channel is kept and used again. */
export class SubMeters {
  private readonly records: (SubMeterState | undefined)[] = [];
  private telegram = 0;
  private found = 0;

  constructor(
    private readonly list: SubMeter[],
    private readonly tst: TstField,
    private readonly number: NumberField,
  ) {}

  begin(): void {
    this.telegram++;
    this.found = 0;
  }

  /** Record of B of a code, or of A for the codes of DSMR 2.2. */
  of(a: number, b: number): SubMeterState {
    const index = a === 0 ? b : 16 + a;
    const record = (this.records[index] ??= new SubMeterState(
      a === 0 ? b : 0,
      a === 0 ? 'unknown' : (MEDIUM_OF_A[a] ?? 'unknown'),
    ));
    if (record.seen !== this.telegram) {
      record.clear(this.telegram);
      if (this.list[this.found] !== record) this.list[this.found] = record;
      this.found++;
    }
    return record;
  }

  setType(record: SubMeterState, groups: GroupRange): void {
    if (this.number.parse(groups.bytes, groups.from[groups.first]!, groups.to[groups.first]!) !== NUMBER_OK) return;
    record.type = this.number.mantissa;
    record.medium = MEDIA[record.type] ?? 'unknown';
  }

  setId(record: SubMeterState, groups: GroupRange, rank: number): void {
    const text = record.idCells[rank === 0 ? 0 : 1].set(
      groups.bytes,
      groups.from[groups.first]!,
      groups.to[groups.first]!,
    );
    if (text === null || (record.id !== null && record.idRank < rank)) return;
    record.id = text;
    record.idRank = rank;
  }

  setEan(record: SubMeterState, groups: GroupRange): void {
    record.ean = record.eanCell.set(groups.bytes, groups.from[groups.first]!, groups.to[groups.first]!);
  }

  setValve(record: SubMeterState, groups: GroupRange): void {
    const ok = this.number.parse(groups.bytes, groups.from[groups.first]!, groups.to[groups.first]!) === NUMBER_OK;
    record.valve = ok ? (VALVES[this.number.mantissa] ?? null) : null;
  }

  /**
   * A reading with its time. `groups` are time, value; for the hourly form of DSMR 2.2 and 3.0 time, status, period,
   * count, code, unit, value.
   */
  setReading(record: SubMeterState, groups: GroupRange, row: CompiledRow): void {
    const hourly = row.form === 'mbus-hourly';
    const count = groups.last - groups.first;
    if (count < (hourly ? 7 : 2)) {
      this.noReading(record, row, 'reading incomplete');
      return;
    }
    const status = this.tst.parse(groups.bytes, groups.from[groups.first]!, groups.to[groups.first]!);
    if (status !== TST_OK && status !== TST_LOCAL) {
      this.noReading(record, row, `captured: ${TST_REASONS[status]}`);
      return;
    }
    const time = this.tst.ms;
    const better = record.value === null || (record.captured ?? record.capturedLocal ?? -Infinity) < time;
    if (!better || !this.setValue(record, groups, row)) return;
    record.captured = status === TST_OK ? time : null;
    record.capturedLocal = status === TST_LOCAL ? time : null;
  }

  /** `(value*m3)(YY-MM-DD hh:mm:ss)` of DSMR 2.2, in any order: the newest wins. */
  setDated(record: SubMeterState, groups: GroupRange, row: CompiledRow): void {
    const { bytes, from, to, first, last } = groups;
    const local = last - first === 2 ? datedTime(bytes, from[first + 1]!, to[first + 1]!) : NaN;
    if (Number.isNaN(local)) {
      this.noReading(record, row, 'captured: not a time');
      return;
    }
    if (
      record.value !== null &&
      (record.valueRank < row.rank || (record.valueRank === row.rank && record.capturedLocal! >= local))
    )
      return;
    if (!this.setValue(record, { bytes, from, to, first, last: first + 1 }, row)) return;
    record.capturedLocal = local;
    record.captured = null;
    record.valueRank = row.rank;
  }

  /** A bare value (DSMR 2.2 heat, cooling, water), or the value in the last group; false where it is none. */
  setValue(record: SubMeterState, groups: GroupRange, row: CompiledRow): boolean {
    const { bytes, from, to, first, last } = groups;
    const { number } = this;
    const status = number.parse(bytes, from[last - 1]!, to[last - 1]!);
    if (status !== NUMBER_OK || number.mantissa < 0) {
      this.noReading(record, row, status === NUMBER_EMPTY ? 'empty' : 'not readable');
      return false;
    }
    record.unitAssumed = false;
    if (number.unit === UNIT_NONE && row.form === 'mbus-hourly')
      number.parseUnit(bytes, from[first + 5]!, to[first + 5]!);
    const assumed = number.unit === UNIT_NONE;
    if (assumed) {
      number.unit = row.unit;
      number.exponent = row.assumed;
      record.unitAssumed = true;
    }
    const name = unitName(number.unit);
    // without a unit the medium decides, and its type may come behind the reading
    if (name === null && !(assumed && row.unit < 0)) {
      this.noReading(record, row, 'unit unknown');
      return false;
    }
    record.value = number.value();
    record.unit = name;
    record.reason = null;
    record.from(row);
    return true;
  }

  /** Ends the telegram: resolves local times and ranks the meters of each medium by their last reading. */
  finish(localToUtc: ((local: number) => number) | undefined): void {
    const { list, found } = this;
    if (list.length > found) list.length = found;
    for (let i = 0; i < found; i++) {
      const record = list[i] as SubMeterState;
      if (record.value !== null && (record.unit ??= assumedUnit(record.medium)) === null)
        record.noReading('unit unknown');
      if (record.capturedLocal !== null && localToUtc !== undefined) {
        record.captured = localToUtc(record.capturedLocal);
        record.capturedLocal = null;
      }
    }
    for (let i = 0; i < found; i++) this.rankOf(list[i] as SubMeterState);
  }

  private rankOf(record: SubMeterState): void {
    if (record.value === null) return;
    const mine = capturedAt(record);
    let newest = mine;
    let first = true;
    for (const other of this.list) {
      if (other === record || other.medium !== record.medium || other.value === null || record.medium === 'unknown')
        continue;
      const theirs = capturedAt(other);
      if (theirs > newest) newest = theirs;
      if (theirs > mine || (theirs === mine && other.channel < record.channel)) first = false;
    }
    record.rank = first ? 'primary' : newest - mine <= HOUR ? 'secondary' : 'stale';
  }

  private noReading(record: SubMeterState, row: CompiledRow, reason: string): void {
    if (record.value !== null) return;
    record.noReading(reason);
    record.from(row);
  }
}

function capturedAt(meter: SubMeter): number {
  return meter.captured ?? meter.capturedLocal ?? -Infinity;
}

function unitName(unit: number): 'm3' | 'J' | 'Wh' | null {
  if (unit === READING_UNITS.m3) return 'm3';
  if (unit === READING_UNITS.J) return 'J';
  return unit === READING_UNITS.Wh ? 'Wh' : null;
}

function assumedUnit(medium: Medium): 'm3' | null {
  return medium === 'gas' || medium === 'water' || medium === 'warm-water' ? 'm3' : null;
}

/** `YY-MM-DD hh:mm:ss` as a wall clock given as if it were UTC; NaN for anything else. */
function datedTime(bytes: Uint8Array, from: number, to: number): number {
  const match = /^(\d\d)-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(
    String.fromCharCode(...bytes.subarray(from, Math.min(to, from + 20))),
  );
  if (match === null) return NaN;
  const field = new TstField();
  const digits = Buffer.from(match.slice(1).join(''), 'latin1');
  return field.parse(digits, 0, digits.length) === TST_LOCAL ? field.ms : NaN;
}
