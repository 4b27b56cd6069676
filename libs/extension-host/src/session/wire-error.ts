import { ERROR_CODES, isSmxError, SmxError, type ErrorCode } from '@smx-edge/model';
import type { WireError } from '@smx-edge/extension-api/wire';

/** The error a process reported; a code the house does not know goes into the text. */
export function errorOfWire({ code, message }: WireError, fallback: ErrorCode = 'SMX_EXTENSION_CALL'): SmxError {
  if (Object.hasOwn(ERROR_CODES, code)) return new SmxError(code as ErrorCode, message);
  return new SmxError(fallback, `${code}: ${message}`);
}

export function wireOf(error: unknown): WireError {
  if (isSmxError(error)) return { code: error.code, message: error.message };
  return { code: 'SMX_INTERNAL', message: error instanceof Error ? error.message : String(error) };
}
