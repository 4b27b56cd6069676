import { encodeServiceError } from '../../cosem/index.js';
import type { CipherFault } from '../cipher.js';

/** An exception-response; see `ServiceError` for the numbers. */
export function exception(state: number, service: number): Uint8Array {
  return encodeServiceError({ apdu: 'exception-response', state, service });
}

/** What a meter answers to what it could not open. */
export function cipherRefusal(fault: CipherFault): Uint8Array {
  if (fault.why === 'meter-counter-fallen')
    return encodeServiceError({ apdu: 'exception-response', state: 1, service: 6, counter: fault.last + 1 });
  return exception(1, fault.why === 'wrong-key' ? 5 : 1);
}
