import { UNITS } from '@smx-edge/model';
import { derive } from './derive.js';
import { Histories } from './histories.js';
import { NUMBER_EMPTY, NUMBER_OK, NUMBER_TOO_LARGE, NumberField, UNIT_NONE } from './number-field.js';
import { rowOf, type CompiledRow } from './obis-index.js';
import { p1Slot } from './obis-table.js';
import { Registers } from './registers.js';
import { SubMeters, type GroupRange } from './sub-meters.js';
import {
  SLOT_BAD_TIME,
  SLOT_BLANK,
  SLOT_BROKEN,
  SLOT_EMPTY,
  SLOT_NEGATIVE,
  SLOT_OFF,
  SLOT_TOO_LARGE,
  SLOT_UNIT_ASSUMED,
  SLOT_VALUE,
  SLOT_WRONG_UNIT,
} from './telegram.js';
import type { TelegramState } from './telegram-state.js';
import { TST_LOCAL, TST_OK, TstField } from './tst.js';

/** States of breaker and relays (eMUCS-P1 1.3 and later, DSMR P1 3.0). */
const SWITCH_STATES = ['disconnected', 'connected', 'ready'] as const;
const LIMITER_SLOTS: readonly (readonly [number, number])[] = [
  [UNITS.indexOf('W'), p1Slot('limiter/power')],
  [UNITS.indexOf('VA'), p1Slot('limiter/apparent')],
  [UNITS.indexOf('A'), p1Slot('limiter/current')],
];
/** A limiter of amperes that is off prints 999 (DSMR P1 2.2). */
const OFF_AMPERES = [999, 999.99];
const FUSE_EXPORT = p1Slot('fuse/current/export');
const PEAK_AT = p1Slot('peak/month/at');

/** Turns the objects of a telegram into points, sub-meters and facts, by the table. */
export class Mapper {
  private readonly tst = new TstField();
  private readonly number = new NumberField();
  private readonly subMeters: SubMeters;
  private readonly registers: Registers;
  private readonly histories: Histories;
  private readonly range: GroupRange;

  constructor(
    private readonly telegram: TelegramState,
    private readonly localToUtc?: (local: number) => number,
  ) {
    const { tokens } = telegram;
    this.subMeters = new SubMeters(telegram.subMeters, this.tst, this.number);
    this.registers = new Registers(telegram.registers, this.number);
    this.histories = new Histories(this.tst, this.number, localToUtc);
    this.range = { bytes: telegram.source, from: tokens.groupFrom, to: tokens.groupTo, first: 0, last: 0 };
  }

  /** Maps what the tokens hold at this moment. */
  map(): void {
    const { telegram, range } = this;
    const { tokens } = telegram;
    telegram.clear();
    this.subMeters.begin();
    this.registers.begin();
    range.bytes = tokens.bytes;
    for (let i = 0; i < tokens.count; i++) {
      range.first = tokens.firstGroup[i]!;
      range.last = tokens.firstGroup[i + 1]!;
      const row = rowOf(tokens.code, i);
      // B = 1 stands in for B = 0 and yields to it
      if (row !== undefined)
        telegram.rank = row.rank * 2 + (tokens.code[i * 6] === 1 ? tokens.code[i * 6 + 1]! & 1 : 0);
      if (row === undefined || !this.apply(row, i)) this.registers.add(tokens, i, range);
    }
    this.subMeters.finish(this.localToUtc);
    this.registers.finish();
    derive(telegram);
  }

  /** False where the object is not what the row expects and is to be kept as it stands. */
  private apply(row: CompiledRow, i: number): boolean {
    const { telegram, range } = this;
    switch (row.form) {
      case 'number':
        this.readNumber(row, range.last - 1);
        return true;
      case 'octets':
      case 'text':
        this.readText(row);
        return true;
      case 'switch':
        this.readSwitch(row);
        return true;
      case 'limiter':
        this.readLimiter(row);
        return true;
      case 'fuse-pair':
        return this.readFusePair(row);
      case 'peak-month':
        this.readPeak(row);
        return true;
      case 'peak-history':
        telegram.peaks = this.histories.peaks(range);
        return telegram.peaks !== null;
      case 'failure-log':
        telegram.failures = this.histories.failures(range);
        return true;
      case 'clock':
        this.readClock(row);
        return true;
      case 'dsmr-version':
        telegram.crcExpected = true;
        telegram.dsmrVersion = telegram.dsmrCell.set(range.bytes, range.from[range.first]!, range.to[range.first]!);
        return true;
      case 'emucs-version':
        telegram.crcExpected = true;
        telegram.emucsVersion = telegram.emucsCell.set(range.bytes, range.from[range.first]!, range.to[range.first]!);
        return true;
      default:
        return this.applySubMeter(row, i);
    }
  }

  private applySubMeter(row: CompiledRow, i: number): boolean {
    const { subMeters, range } = this;
    const { code } = this.telegram.tokens;
    const record = subMeters.of(code[i * 6]!, code[i * 6 + 1]!);
    if (row.form === 'mbus-type') subMeters.setType(record, range);
    else if (row.form === 'mbus-id') subMeters.setId(record, range, row.rank);
    else if (row.form === 'mbus-ean') subMeters.setEan(record, range);
    else if (row.form === 'mbus-valve') subMeters.setValve(record, range);
    else if (row.form === 'mbus-plain') subMeters.setValue(record, range, row);
    else if (row.form === 'mbus-dated') subMeters.setDated(record, range, row);
    else subMeters.setReading(record, range, row);
    return true;
  }

  /** State for the number in a group, leaving it in `this.number`; `SLOT_VALUE` also where any unit may come. */
  private parse(row: CompiledRow, group: number): number {
    const { number, range } = this;
    const status = number.parse(range.bytes, range.from[group]!, range.to[group]!);
    if (status === NUMBER_EMPTY) return SLOT_EMPTY;
    if (status === NUMBER_TOO_LARGE) return SLOT_TOO_LARGE;
    if (status !== NUMBER_OK) return SLOT_BROKEN;
    return number.mantissa < 0 && !row.signed ? SLOT_NEGATIVE : SLOT_VALUE;
  }

  private readNumber(row: CompiledRow, group: number): void {
    if (group !== this.range.first && row.form === 'number') {
      this.telegram.setNull(row.slot, SLOT_BROKEN);
      return;
    }
    let state = this.parse(row, group);
    const { number } = this;
    if (state === SLOT_VALUE) {
      if (number.unit === UNIT_NONE) state = row.unit < 0 ? SLOT_VALUE : SLOT_UNIT_ASSUMED;
      else if (number.unit !== row.unit) state = SLOT_WRONG_UNIT;
    }
    this.store(row.slot, state, row);
  }

  private store(slot: number, state: number, row: CompiledRow): void {
    const { telegram, number } = this;
    if (state > SLOT_OFF) {
      telegram.setNull(slot, state);
      return;
    }
    const value = number.value(row.assumed);
    if (row.off.length > 0 && row.off.includes(value)) {
      telegram.setNull(slot, SLOT_OFF);
      return;
    }
    if (!telegram.setNumber(slot, value, state)) return;
    telegram.mantissas[slot] = number.mantissa;
    telegram.exponents[slot] = number.shift(row.assumed);
  }

  private readText(row: CompiledRow): void {
    const { telegram, range } = this;
    const from = range.from[range.first]!;
    const to = range.to[range.first]!;
    if (range.last - range.first !== 1) {
      telegram.setNull(row.slot, SLOT_BROKEN);
      return;
    }
    const text = telegram.cell(row.index).set(range.bytes, from, to);
    if (text === null) telegram.setNull(row.slot, from === to ? SLOT_EMPTY : SLOT_BLANK);
    else telegram.setText(row.slot, text);
  }

  private readSwitch(row: CompiledRow): void {
    const state = this.parse(row, this.range.first);
    const text =
      state === SLOT_VALUE && this.number.unit === UNIT_NONE ? SWITCH_STATES[this.number.mantissa] : undefined;
    if (text === undefined) this.telegram.setNull(row.slot, state === SLOT_VALUE ? SLOT_BROKEN : state);
    else this.telegram.setText(row.slot, text);
  }

  private readLimiter(row: CompiledRow): void {
    const state = this.parse(row, this.range.first);
    if (state !== SLOT_VALUE) {
      this.telegram.setNull(row.slot, state);
      return;
    }
    const { unit } = this.number;
    for (const [wanted, slot] of LIMITER_SLOTS) {
      if (unit !== wanted) continue;
      if (row.unit !== unit && slot !== LIMITER_SLOTS[1]![1] && OFF_AMPERES.includes(this.number.value()))
        this.telegram.setNull(slot, SLOT_OFF);
      else this.store(slot, SLOT_VALUE, row);
      return;
    }
    // without its unit nobody knows whether this bounds power, apparent power or current
    this.telegram.setNull(row.slot, SLOT_WRONG_UNIT);
  }

  /** `(100*A)(-063*A)`: what may be imported and exported; `…/export` is never negative. */
  private readFusePair(row: CompiledRow): boolean {
    const { range } = this;
    if (range.last - range.first !== 2) return false;
    this.readNumber(row, range.first);
    const state = this.parse(row, range.first + 1);
    this.number.mantissa = Math.abs(this.number.mantissa);
    this.store(FUSE_EXPORT, state === SLOT_VALUE && this.number.unit !== row.unit ? SLOT_WRONG_UNIT : state, row);
    return true;
  }

  private readPeak(row: CompiledRow): void {
    const { telegram, range } = this;
    const time = range.last - range.first === 2 ? this.readTime(range.first) : NaN;
    if (Number.isNaN(time)) {
      telegram.setNull(row.slot, SLOT_BAD_TIME);
      telegram.setNull(PEAK_AT, SLOT_BAD_TIME);
      return;
    }
    telegram.setNumber(PEAK_AT, time, SLOT_VALUE);
    this.readNumber(row, range.last - 1);
  }

  private readClock(row: CompiledRow): void {
    const { telegram, range } = this;
    if (row.rank > 0 && !(Number.isNaN(telegram.time) && Number.isNaN(telegram.localTime))) return;
    const time = this.readTime(range.first);
    telegram.time = time;
    if (Number.isNaN(time) && this.tst.status === TST_LOCAL) telegram.localTime = this.tst.ms;
  }

  private readTime(group: number): number {
    const { tst, range } = this;
    const status = tst.parse(range.bytes, range.from[group]!, range.to[group]!);
    if (status === TST_OK) return tst.ms;
    return status === TST_LOCAL && this.localToUtc !== undefined ? this.localToUtc(tst.ms) : NaN;
  }
}
