import { isSmxError, type ErrorCode, type SmxError } from '@smx-edge/model';

const OF_OBJECT: ReadonlySet<ErrorCode> = new Set(['SMX_METER_OBJECT', 'SMX_PROTOCOL_APDU', 'SMX_PROTOCOL_BLOCK']);

/** Whether a fault is of what was asked alone: the conversation stands, and other objects may well be read. */
export function isOfObject(error: unknown): error is SmxError {
  return isSmxError(error) && OF_OBJECT.has(error.code);
}
