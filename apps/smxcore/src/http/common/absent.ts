import { SmxError } from '@smx-edge/model';

/** What the address names is not there: 404, also with a code that in a body is 400. */
export class Absent extends SmxError {
  constructor(cause: SmxError) {
    super(cause.code, cause.message, { cause });
  }
}
