import { malformed, ByteReader } from './byte-reader.js';

export const CONFIRMED_SERVICE_ERROR = 0x0e;
export const EXCEPTION_RESPONSE = 0xd8;

/** A meter that cannot take the request at all (Green Book §9.5). */
export type ServiceError =
  | {
      readonly apdu: 'confirmed-service-error';
      /** 1 initiate, 5 read, 6 write. */
      readonly service: number;
      /** Kind of the error, and its value: 6/1 is a DLMS version too low. */
      readonly kind: number;
      readonly value: number;
    }
  | {
      readonly apdu: 'exception-response';
      /** 1 service not allowed, 2 service unknown. */
      readonly state: number;
      /** 1 not possible, 2 not supported, 3 other, 4 PDU too long, 5 deciphering, 6 invocation counter. */
      readonly service: number;
      /** The lowest counter the meter takes, with `service` 6. */
      readonly counter?: number;
    };

/** Throws SMX_PROTOCOL_APDU. */
export function decodeServiceError(bytes: Uint8Array): ServiceError {
  const reader = new ByteReader(bytes);
  const tag = reader.u8();
  if (tag === CONFIRMED_SERVICE_ERROR)
    return { apdu: 'confirmed-service-error', service: reader.u8(), kind: reader.u8(), value: reader.u8() };
  if (tag !== EXCEPTION_RESPONSE) malformed('no error');
  const state = reader.u8();
  const service = reader.u8();
  const counter = service === 6 && reader.left >= 4 ? { counter: reader.u32() } : {};
  return { apdu: 'exception-response', state, service, ...counter };
}

export function encodeServiceError(error: ServiceError): Uint8Array {
  if (error.apdu === 'confirmed-service-error')
    return Uint8Array.of(CONFIRMED_SERVICE_ERROR, error.service, error.kind, error.value);
  const head = Uint8Array.of(EXCEPTION_RESPONSE, error.state, error.service);
  if (error.counter === undefined) return head;
  const bytes = new Uint8Array(7);
  bytes.set(head);
  new DataView(bytes.buffer).setUint32(3, error.counter);
  return bytes;
}
