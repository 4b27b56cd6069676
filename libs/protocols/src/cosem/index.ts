export { accessResultText, DATA_ACCESS_RESULTS } from './access-result.js';
export * from './acse.js';
export { decodeApdu, type Apdu } from './apdu.js';
export { ByteReader } from './byte-reader.js';
export { ByteWriter } from './byte-writer.js';
export {
  cipherHeader,
  gmac,
  open,
  seal,
  type CipherHeader,
  type CipherKeys,
  type Protection,
  type SecuritySuite,
} from './cipher.js';
export { unwrapCiphered, wrapCiphered, wrapGeneral, type CipheredApdu, type Ciphering } from './ciphered-apdu.js';
export { capabilities, conformanceBits, type Capability } from './conformance.js';
export type { Data, DataType, NumberType, OctetType } from './data.js';
export { readData } from './data-reader.js';
export { writeData } from './data-writer.js';
export {
  decodeDateTime,
  encodeDateTime,
  localTime,
  utcOf,
  utcTime,
  type ClockStatus,
  type CosemDateTime,
} from './date-time.js';
export { decodeGeneralBlock, encodeGeneralBlock, LARGEST_WINDOW, type GeneralBlock } from './general-block.js';
export { hlsProof, hlsProves, type HlsExchange, type Side } from './hls.js';
export {
  readInitiateRequest,
  readInitiateResponse,
  writeInitiateRequest,
  writeInitiateResponse,
  type InitiateRequest,
  type InitiateResponse,
} from './initiate.js';
export { unwrapKey, wrapKey } from './key-wrap.js';
export { decodeLnRequest, encodeGet, encodeHlsReply } from './ln-request.js';
export { decodeLnResponse, encodeLnResponse, readResults } from './ln-response.js';
export * from './ln-types.js';
export { decodeNotification, encodeNotification, type DataNotification } from './notification.js';
export { decodeName, encodeName, nameText } from './obis-name.js';
export { decodeServiceError, encodeServiceError, type ServiceError } from './service-error.js';
export {
  decodeReadRequest,
  decodeReadResponse,
  encodeRead,
  encodeReadResponse,
  encodeSnHlsReply,
  readSnResults,
  shortName,
  type ReadRequest,
  type ReadResponse,
  type ReadResult,
  type ReadSpecification,
} from './sn.js';
export { encodeWrapper, WrapperFramer, type WrapperPdu } from './wrapper.js';
