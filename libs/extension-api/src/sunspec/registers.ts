import { isSmxError } from '@smx-edge/model';
import { isModbusException, type ModbusUnit, type RegisterBlock } from '../modbus/types.js';

/**
 * Exceptions that tell of the moment and nothing of the registers: failure, acknowledge, busy, gateway path and gateway target (MODBUS
 * Application Protocol V1.1b3 §7); a Datamanager answers 11 while an inverter sleeps.
 */
const NOT_NOW: ReadonlySet<number> = new Set([4, 5, 6, 10, 11]);

/** The registers, or undefined where the device says that it has none there. Rejects with any other fault. */
export async function registersOrNone<T>(read: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isModbusException(error) && !NOT_NOW.has(error.exception)) return undefined;
    throw error;
  }
}

/** Undefined where the device kept silent twice; `unit` gives it for the first and for the second time, with more patience. */
export async function askedTwice(
  unit: (time: 1 | 2) => ModbusUnit,
  block: RegisterBlock,
): Promise<number[] | undefined> {
  for (const time of [1, 2] as const) {
    try {
      return await unit(time).read(block);
    } catch (error) {
      if (!isSmxError(error) || error.code !== 'SMX_MODBUS_TIMEOUT') throw error;
    }
  }
  return undefined;
}
