import { SmxError } from '@smx-edge/model';

/** SMX_HTTP_RATE; its answer has Retry-After. */
export class TooMany extends SmxError {
  constructor(
    /** Whole seconds to wait. */
    readonly seconds: number,
    what: string,
  ) {
    super('SMX_HTTP_RATE', `too many ${what}; try again in ${seconds} s`);
  }
}

/** Refuses where `ms` are to be waited; `what` there is too much of. */
export function refuseTooMany(ms: number, what = 'requests'): void {
  if (ms > 0) throw new TooMany(Math.ceil(ms / 1000), what);
}
