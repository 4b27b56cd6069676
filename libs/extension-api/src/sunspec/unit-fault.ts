import { describeError, isSmxError, type ErrorCode } from '@smx-edge/model';
import { isModbusException } from '../modbus/types.js';

/** Why a unit gave nothing. */
export interface UnitFault {
  readonly unit: number;
  readonly code: ErrorCode;
  /** What is wrong and what to do, for people. */
  readonly text: string;
  /** A logger says that its device is off or asleep, as each night. */
  readonly isAsleep: boolean;
  /** It has something else to do at this moment. */
  readonly isBusy: boolean;
  /** Nothing of the whole source can be read. */
  readonly isOfSource: boolean;
}

/** Exceptions of a gateway or logger that does not reach its device (MODBUS Application Protocol V1.1b3 §7). */
const UNREACHED: ReadonlySet<number> = new Set([10, 11]);

const BUSY: ReadonlySet<number> = new Set([5, 6]);

const TOLD: Readonly<Record<number, string>> = {
  4: 'refuses to be read (exception 4); allow Modbus in its settings, and look whether only some addresses may ask',
  5: 'is busy (exception 5); it is asked again',
  6: 'is busy (exception 6); it is asked again',
  10: 'is not reached by its gateway (exception 10); it is off or asleep, or its number is another',
  11: 'is not reached by its logger (exception 11); it is off or asleep, or its number is another',
};

export function unitFault(unit: number, error: unknown): UnitFault {
  if (isModbusException(error)) {
    const { exception, code, message } = error;
    const told = TOLD[exception];
    return {
      ...{ unit, code, isAsleep: UNREACHED.has(exception), isBusy: BUSY.has(exception), isOfSource: false },
      text: told === undefined ? message : `unit ${unit} ${told}`,
    };
  }
  const { code, text } = isSmxError(error)
    ? { code: error.code, text: error.message }
    : { code: 'SMX_EXTENSION_DIED' as const, text: describeError(error) };
  const isOfSource = code.startsWith('SMX_TRANSPORT_') || code === 'SMX_MODBUS_FRAME';
  return { unit, code, text, isAsleep: false, isBusy: false, isOfSource };
}
