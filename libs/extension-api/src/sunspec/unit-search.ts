import { isSmxError } from '@smx-edge/model';
import { isModbusException, type ModbusLink, type ModbusUnit } from '../modbus/types.js';
import { AnswerPace, UNKNOWN_PACE } from './answer-pace.js';
import { SunSpecUnit } from './sunspec-unit.js';
import { unitFault, type UnitFault } from './unit-fault.js';

/** One unit of a source that is read as a SunSpec device. */
export interface LiveUnit {
  readonly unit: number;
  readonly sunspec: SunSpecUnit;
  /** The same unit, for what is written to it: reads and writes go through one queue. */
  readonly modbus: ModbusUnit;
}

/**
 * What came of looking for a unit:
 * - `found`: it has SunSpec models
 * - `silent`: nobody answered, which is normal for a number that nobody has
 * - `strange`: somebody answers who is no SunSpec device
 * - `away`: a logger answers for one that it does not reach now (exceptions 4, 5, 6, 10, 11)
 */
export type SearchOutcome = 'found' | 'silent' | 'strange' | 'away';

const SERIAL = 'modbus+rtu:';
/** Times the patience of the first, of what is asked a second time: a chain is not to be cut by a moment. */
const SECOND = 4;

/** Where inverters and their meters are found: the first inverter, Fronius meters, then further ones (Fronius Modbus TCP & RTU). */
const FIRST_UNITS: readonly number[] = [1, 200, 201, 202, 203, 204, 240];

/** Unit numbers in the order in which devices are looked for, inverters up to `last`. */
export function unitsUpTo(last: number): number[] {
  return [...FIRST_UNITS, ...Array.from({ length: last - 1 }, (_, i) => i + 2)];
}

interface UnitLook {
  readonly isExpected: boolean;
  readonly isSlow?: boolean;
}

/** Looks for units of one link, and learns meanwhile how long its answers take. */
export class UnitSearch {
  private readonly pace = new AnswerPace();
  private readonly refusals = new Map<number, UnitFault>();

  /** `source` = what the link was opened with: on a serial line each unit is another device, and tells nothing of the next. */
  constructor(
    private readonly link: ModbusLink,
    private readonly source = '',
  ) {}

  /**
   * A unit to be read. `isExpected`: silence is waited out to the time-out of the link, also at its first look. `isSlow`: it may
   * answer slower than those that did, as one on a serial line behind them.
   */
  unit(number: number, { isExpected, isSlow = false }: UnitLook): LiveUnit {
    const modbus = this.timed(number);
    const quick = (time: 1 | 2): ModbusUnit =>
      this.timed(
        number,
        isSlow || this.source.startsWith(SERIAL) ? UNKNOWN_PACE : this.pace.patience * (time === 1 ? 1 : SECOND),
      );
    return { unit: number, modbus, sunspec: new SunSpecUnit(modbus, { quick, isExpected }) };
  }

  /** Of units whose last look ended as `away`: what they, or the logger for them, answered. */
  get away(): readonly UnitFault[] {
    return [...this.refusals.values()];
  }

  /** Whether there is a SunSpec device. Rejects only where the source as a whole cannot be asked: SMX_TRANSPORT_…, SMX_MODBUS_FRAME. */
  async look({ unit, sunspec }: LiveUnit): Promise<SearchOutcome> {
    this.refusals.delete(unit);
    try {
      await sunspec.models();
      return 'found';
    } catch (error) {
      if (isModbusException(error)) {
        this.refusals.set(unit, unitFault(unit, error));
        return 'away';
      }
      if (isSmxError(error) && error.code === 'SMX_MODBUS_TIMEOUT') return 'silent';
      if (isSmxError(error) && error.code === 'SMX_SUNSPEC_ABSENT') return 'strange';
      throw error;
    }
  }

  /** `timeout` in ms, of one that may not be there; absent = that of the link. */
  private timed(number: number, timeout?: number): ModbusUnit {
    const unit = this.link.unit(number, timeout === undefined ? {} : { timeout, maybe: true });
    return {
      unit: number,
      read: (block, table) => this.pace.timed(() => unit.read(block, table)),
      // several requests in one: nothing to learn from
      readAll: (blocks, table) => unit.readAll(blocks, table),
      write: (address, words) => unit.write(address, words),
    };
  }
}
