import { ERROR_CODES, type ErrorClass, type ErrorCode } from './errors/index.js';

export interface ErrorDetail {
  /** Where: a config path, JSON pointer, point path. */
  readonly path: string;
  /** What was expected there. */
  readonly expected: string;
}

export interface SmxErrorOptions {
  readonly cause?: unknown;
  readonly details?: readonly ErrorDetail[];
}

/** An error with a code of the table, its class, and a message that says what to do. */
export class SmxError extends Error {
  override readonly name = 'SmxError';
  readonly class: ErrorClass;
  readonly details: readonly ErrorDetail[];

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: SmxErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.class = ERROR_CODES[code].class;
    this.details = options.details ?? [];
  }
}

/** Whether `error` is an SMX error, also one of another copy of this library or one that crossed a process. */
export function isSmxError(error: unknown): error is SmxError {
  return error instanceof Error && error.name === 'SmxError' && 'code' in error;
}

/** One line for a log or a state: code and message where there are any. */
export function describeError(error: unknown): string {
  if (isSmxError(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
