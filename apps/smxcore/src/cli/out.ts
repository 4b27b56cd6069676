import { ERROR_CODES, SmxError, type ErrorCode, type ErrorDetail } from '@smx-edge/model';

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function complain(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A fault that a core reported. */
export interface Reported {
  readonly code: string;
  readonly message: string;
  readonly errors: readonly ErrorDetail[];
}

/** An error of the API on its way to the user: same code, same texts. */
export class ApiError extends SmxError {
  constructor(
    readonly status: number,
    readonly reported: Reported,
  ) {
    const known = Object.hasOwn(ERROR_CODES, reported.code) ? (reported.code as ErrorCode) : 'SMX_INTERNAL';
    super(known, reported.message, { details: reported.errors });
  }
}

/** Says what failed, as text or as JSON with the code; `hint` is for people only. */
export function report(error: SmxError, json: boolean, hint?: string): void {
  const code = error instanceof ApiError ? error.reported.code : error.code;
  if (json) {
    print(JSON.stringify({ code, message: error.message, errors: error.details }));
    return;
  }
  complain(hint === undefined ? `smx: ${code}: ${error.message}` : `smx: ${error.message}\n${hint}`);
  for (const { path, expected } of error.details)
    if (!error.message.includes(expected)) complain(`  ${path}: expected ${expected}`);
}
