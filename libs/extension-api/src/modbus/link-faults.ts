import { SmxError } from '@smx-edge/model';
import { LineFault } from '../transports/fault.js';

/** A connection that does not come about; `label`: of the source. */
export const unconnected = (label: string): LineFault =>
  new LineFault('timeout', `${label}: no connection in time; check address, firewall and that the device is on`);

/** A unit that was silent for `ms`. */
export const unanswered = (label: string, unit: number, ms: number): SmxError =>
  new SmxError(
    'SMX_MODBUS_TIMEOUT',
    `unit ${unit} of ${label} did not answer within ${Math.round(ms)} ms; check the unit, and that the device is on`,
  );
