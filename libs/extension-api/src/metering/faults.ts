import { isSmxError, SmxError, type ErrorCode } from '@smx-edge/model';

const OF_OBJECT: ReadonlySet<ErrorCode> = new Set(['SMX_METER_OBJECT', 'SMX_PROTOCOL_APDU', 'SMX_PROTOCOL_BLOCK']);

/** Whether a fault is of what was asked alone: the conversation stands, and other objects may well be read. */
export function isOfObject(error: unknown): error is SmxError {
  return isSmxError(error) && OF_OBJECT.has(error.code);
}

/** What came is none of what was asked for. */
export class UnreadableRow extends SmxError {
  /** `bytes`: what came as it stands, hexadecimal. */
  constructor(
    cause: SmxError,
    readonly bytes: string,
  ) {
    super(cause.code, cause.message, { cause });
  }
}

/** What `read` makes of what came. Throws UnreadableRow where that throws an SmxError; `bytes` then gives what came, hexadecimal. */
export function readable<T>(read: () => T, bytes: () => string): T {
  try {
    return read();
  } catch (error) {
    throw isSmxError(error) ? new UnreadableRow(error, bytes()) : error;
  }
}
