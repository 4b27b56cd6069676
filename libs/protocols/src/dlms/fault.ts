import { SmxError } from '@smx-edge/model';
import type { ServiceError } from '../cosem/index.js';

const DECIPHERING = 5;
const COUNTER = 6;

/** What an exception or confirmed-service-error says, in words for a fault. */
export function errorText(error: ServiceError): string {
  return error.apdu === 'exception-response'
    ? `exception: state ${error.state}, service ${error.service}`
    : `confirmed-service-error: service ${error.service}, kind ${error.kind}, value ${error.value}`;
}

/** Why the protection of a request was not taken; undefined where it is not that. */
export function protectionFault(
  error: ServiceError,
):
  | { readonly why: 'wrong-key'; readonly detail: string }
  | { readonly why: 'counter-fallen'; readonly least?: number }
  | undefined {
  if (error.apdu !== 'exception-response') return undefined;
  if (error.service === DECIPHERING) return { why: 'wrong-key', detail: 'the meter could not decipher the request' };
  if (error.service !== COUNTER) return undefined;
  return { why: 'counter-fallen', ...(error.counter === undefined ? {} : { least: error.counter }) };
}

/** Runs what decodes bytes of a meter; its refusal is a fact and no throw. */
export function tried<T>(code: 'SMX_PROTOCOL_APDU' | 'SMX_PROTOCOL_CIPHER', fn: () => T): T | SmxError {
  try {
    return fn();
  } catch (error) {
    if (error instanceof SmxError && error.code === code) return error;
    throw error;
  }
}
