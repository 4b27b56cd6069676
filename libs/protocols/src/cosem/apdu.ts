import { decodeAcse, AARE, AARQ, RLRE, RLRQ, type AcseApdu } from './acse.js';
import { malformed, ByteReader } from './byte-reader.js';
import { unwrapCiphered, type CipheredApdu } from './ciphered-apdu.js';
import { decodeGeneralBlock, GENERAL_BLOCK_TRANSFER, type GeneralBlock } from './general-block.js';
import {
  INITIATE_REQUEST,
  INITIATE_RESPONSE,
  readInitiateRequest,
  readInitiateResponse,
  type InitiateRequest,
  type InitiateResponse,
} from './initiate.js';
import { ACTION_REQUEST, decodeLnRequest, GET_REQUEST, SET_REQUEST } from './ln-request.js';
import { ACTION_RESPONSE, decodeLnResponse, GET_RESPONSE, SET_RESPONSE } from './ln-response.js';
import type { LnRequest, LnResponse } from './ln-types.js';
import { DATA_NOTIFICATION, decodeNotification, type DataNotification } from './notification.js';
import { CONFIRMED_SERVICE_ERROR, decodeServiceError, EXCEPTION_RESPONSE, type ServiceError } from './service-error.js';
import {
  decodeReadRequest,
  decodeReadResponse,
  READ_REQUEST,
  READ_RESPONSE,
  type ReadRequest,
  type ReadResponse,
} from './sn.js';

export type Apdu =
  | AcseApdu
  | ({ readonly apdu: 'initiate-request' } & InitiateRequest)
  | ({ readonly apdu: 'initiate-response' } & InitiateResponse)
  | LnRequest
  | LnResponse
  | ReadRequest
  | ReadResponse
  | DataNotification
  | GeneralBlock
  | ServiceError
  | ({ readonly apdu: 'ciphered' } & CipheredApdu);

/** Any APDU this product knows, by its tag (Green Book §9.5, `COSEMpdu`). Throws SMX_PROTOCOL_APDU. */
export function decodeApdu(bytes: Uint8Array): Apdu {
  const reader = new ByteReader(bytes);
  const tag = reader.u8();
  switch (tag) {
    case AARQ:
    case AARE:
    case RLRQ:
    case RLRE:
      return decodeAcse(bytes);
    case INITIATE_REQUEST:
      return { apdu: 'initiate-request', ...readInitiateRequest(reader) };
    case INITIATE_RESPONSE:
      return { apdu: 'initiate-response', ...readInitiateResponse(reader) };
    case GET_REQUEST:
    case SET_REQUEST:
    case ACTION_REQUEST:
      return decodeLnRequest(bytes);
    case GET_RESPONSE:
    case SET_RESPONSE:
    case ACTION_RESPONSE:
      return decodeLnResponse(bytes);
    case READ_REQUEST:
      return decodeReadRequest(bytes);
    case READ_RESPONSE:
      return decodeReadResponse(bytes);
    case DATA_NOTIFICATION:
      return decodeNotification(bytes);
    case GENERAL_BLOCK_TRANSFER:
      return decodeGeneralBlock(bytes);
    case CONFIRMED_SERVICE_ERROR:
    case EXCEPTION_RESPONSE:
      return decodeServiceError(bytes);
    default: {
      const ciphered = unwrapCiphered(bytes) ?? malformed(`the tag ${tag} is of no APDU`);
      return { apdu: 'ciphered', ...ciphered };
    }
  }
}
