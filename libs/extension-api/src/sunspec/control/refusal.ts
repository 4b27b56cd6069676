import { isSmxError } from '@smx-edge/model';
import { isModbusException } from '../../modbus/types.js';
import { refused, type SetpointAnswer } from '../../setpoint.js';

/** What exceptions to a write mean on these devices (MODBUS Application Protocol V1.1b3 §7; Fronius Modbus TCP & RTU, error codes). */
const MEANING: Readonly<Record<number, string>> = {
  1: 'the device lets nothing be written by Modbus',
  2: 'the device does not let these registers be written',
  3: 'the device does not take this value',
  4: 'control via Modbus is off, or something with more priority controls it (I/O inputs, ripple control, another address): allow "inverter control via Modbus" in the settings of the device',
  5: 'the device has not finished yet; send it again later',
  6: 'the device is busy; send it again later',
  10: 'the gateway finds no way to the device',
  11: 'the device is off or asleep; send it again when it is awake',
};

/** The answer to a command whose write, or the read before it, failed. What is no fault of the device is thrown again. */
export function refusalOf(error: unknown): SetpointAnswer {
  if (isModbusException(error)) return refused(`MODBUS_${error.exception}`, MEANING[error.exception] ?? error.message);
  if (isSmxError(error)) return refused(error.code, error.message);
  throw error;
}
