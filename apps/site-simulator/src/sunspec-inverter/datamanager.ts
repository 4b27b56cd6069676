import type { House } from '../house/index.js';
import type { InverterMeasures } from './inverter-models.js';
import { EXCEPTION, type ExceptionCode, type RegisterBank } from './modbus-pdu.js';

/** Where the logger's own registers begin, and where those of the whole site do, counted from 0 (manual: 212 and 500). */
const [OWN, SITE] = [211, 499];
const MODEL_TYPE = 4;
const [FLOAT, INTEGER, CONFIRM] = [1, 2, 6];

/** The logger's registers beside the chain (Fronius Modbus TCP & RTU for the Datamanager, Fronius registers). */
export class DatamanagerRegisters implements RegisterBank {
  private chosen: number | undefined;

  constructor(
    private readonly o: { readonly house: House; readonly measures: InverterMeasures },
    /** Which models the chain has from now on; true = floats. */
    private readonly shape: { isFloat: boolean },
  ) {}

  read(address: number, count: number): readonly number[] | ExceptionCode {
    const [first, words] = address < SITE ? [OWN, this.own()] : [SITE, this.site()];
    const from = address - first;
    return from < 0 || from + count > words.length ? EXCEPTION.address : words.slice(from, from + count);
  }

  /** The kind of models is chosen first and then confirmed; the others take what they are given and do nothing. */
  write(address: number, words: readonly number[]): ExceptionCode | undefined {
    const kind = words[OWN + MODEL_TYPE - address];
    if (kind === undefined) return undefined;
    if (kind === CONFIRM && this.chosen !== undefined) this.shape.isFloat = this.chosen === FLOAT;
    else if (kind !== FLOAT && kind !== INTEGER) return EXCEPTION.value;
    this.chosen = kind === CONFIRM ? undefined : kind;
    return undefined;
  }

  private own(): number[] {
    return [0, 0, 0, 0, this.shape.isFloat ? FLOAT : INTEGER, 0];
  }

  /** W, then Wh of the day, the year, and since it was put in. */
  private site(): number[] {
    const { house, measures } = this.o;
    const words = (value: number, registers: number): number[] =>
      Array.from({ length: registers }, (_, i) => Math.floor(value / 2 ** (16 * (registers - 1 - i))) % 0x10000);
    const energies = [measures.producedToday, measures.producedThisYear, measures.produced];
    return [...words(house.pv.power, 2), ...energies.flatMap((each) => words(each, 4))];
  }
}
