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

/** Undefined where the device kept silent twice. */
export async function askedTwice(unit: () => ModbusUnit, block: RegisterBlock): Promise<number[] | undefined> {
  for (let i = 0; i < 2; i++) {
    try {
      return await unit().read(block);
    } catch (error) {
      if (!isSmxError(error) || error.code !== 'SMX_MODBUS_TIMEOUT') throw error;
    }
  }
  return undefined;
}
