import { formatObis, obisSegment, UNITS } from '@smx-edge/model';
import { NUMBER_OK, NumberField } from './number-field.js';
import type { GroupRange } from './sub-meters.js';
import type { P1Register } from './telegram.js';
import { plainText, TextCell } from './text-cell.js';
import type { Tokens } from './tokens.js';

class RegisterState implements P1Register {
  obis = '';
  path = '';
  value: number | string | null = null;
  unit: string | null = null;
  readonly cell = new TextCell(plainText);
  readonly code = new Uint16Array(6);

  rename(tokens: Tokens, i: number): void {
    const { code } = this;
    let same = this.obis !== '';
    for (let p = 0; p < 6; p++) {
      const part = tokens.code[i * 6 + p]!;
      if (code[p] !== part) same = false;
      code[p] = part;
    }
    if (same) return;
    this.obis = formatObis(tokens.obis(i));
    this.path = `obis/${obisSegment(this.obis)}`;
  }
}

/** The objects of a telegram that have no name: kept as they stand, by code. */
export class Registers {
  private readonly records: RegisterState[] = [];
  private found = 0;

  constructor(
    private readonly list: P1Register[],
    private readonly number: NumberField,
  ) {}

  begin(): void {
    this.found = 0;
  }

  add(tokens: Tokens, i: number, { bytes, from, to, first, last }: GroupRange): void {
    const record = (this.records[this.found] ??= new RegisterState());
    record.rename(tokens, i);
    record.unit = null;
    if (first === last) record.value = null;
    else if (last - first === 1 && this.readNumber(bytes, from[first]!, to[first]!)) {
      record.value = this.number.value();
      record.unit = UNITS[this.number.unit] ?? null;
    } else {
      // several brackets stay together, with the brackets between them
      record.value = record.cell.set(bytes, from[first]!, to[last - 1]!);
    }
    if (this.list[this.found] !== record) this.list[this.found] = record;
    this.found++;
  }

  finish(): void {
    if (this.list.length > this.found) this.list.length = this.found;
  }

  /** A number only where a unit says so: digits alone may be an identifier that must keep its noughts. */
  private readNumber(bytes: Uint8Array, from: number, to: number): boolean {
    return this.number.parse(bytes, from, to) === NUMBER_OK && this.number.unit >= 0;
  }
}
