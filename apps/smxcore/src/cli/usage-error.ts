import { SmxError } from '@smx-edge/model';

/** SMX_CLI_USAGE: a command line that the command does not take. */
export class UsageError extends SmxError {
  constructor(
    message: string,
    /** How it is right; that of the command where absent. */
    readonly hint?: string,
  ) {
    super('SMX_CLI_USAGE', message);
  }
}
