import { malformed, type ByteReader } from './byte-reader.js';
import type { ByteWriter } from './byte-writer.js';

export const INITIATE_REQUEST = 0x01;
export const INITIATE_RESPONSE = 0x08;
const DLMS_VERSION = 6;
/** Application tag 31 of the conformance block, in two bytes; the short form is used by meters of Landis+Gyr. */
const CONFORMANCE = [0x5f, 0x1f] as const;
/** Bytes of the bit string, and its unused bits. */
const CONFORMANCE_BODY = [4, 0] as const;

/** What a client proposes (Green Book §9.5, `InitiateRequest`). */
export interface InitiateRequest {
  readonly dedicatedKey?: Uint8Array;
  /** Default true. */
  readonly responseAllowed?: boolean;
  /** 24 bits, see `conformanceBits`. */
  readonly conformance: number;
  /** Longest PDU it takes, bytes; 0 = without bound. */
  readonly maxPdu: number;
  /** The conformance block with the short tag, for meters that count it so. */
  readonly shortTag?: boolean;
}

export interface InitiateResponse {
  readonly qos?: number;
  readonly conformance: number;
  readonly maxPdu: number;
  /** 7 for logical names, FA00 for short ones. */
  readonly vaaName: number;
  /** As of a request; not told of one that is read. */
  readonly shortTag?: boolean;
}

export function writeInitiateRequest(writer: ByteWriter, request: InitiateRequest): void {
  const { dedicatedKey, responseAllowed = true, conformance, maxPdu, shortTag = false } = request;
  writer.u8(INITIATE_REQUEST);
  if (dedicatedKey === undefined) writer.u8(0);
  else writer.u8(1).counted(dedicatedKey);
  // true is the default and left out; no quality of service
  if (responseAllowed) writer.u8(0);
  else writer.u8(1).u8(0);
  writer.u8(0).u8(DLMS_VERSION);
  writeConformance(writer, conformance, shortTag);
  writer.u16(maxPdu);
}

export function writeInitiateResponse(
  writer: ByteWriter,
  { qos, conformance, maxPdu, vaaName, shortTag = false }: InitiateResponse,
): void {
  writer.u8(INITIATE_RESPONSE);
  if (qos === undefined) writer.u8(0);
  else writer.u8(1).u8(qos);
  writer.u8(DLMS_VERSION);
  writeConformance(writer, conformance, shortTag);
  writer.u16(maxPdu).u16(vaaName);
}

/** Behind the tag. Throws SMX_PROTOCOL_APDU. */
export function readInitiateRequest(reader: ByteReader): InitiateRequest {
  const dedicatedKey = reader.u8() === 0 ? undefined : reader.octets(reader.length());
  const responseAllowed = reader.u8() === 0 || reader.u8() !== 0;
  if (reader.u8() !== 0) reader.u8();
  reader.u8();
  const { conformance, ...tag } = readConformance(reader);
  const maxPdu = reader.u16();
  return { ...(dedicatedKey === undefined ? {} : { dedicatedKey }), responseAllowed, conformance, maxPdu, ...tag };
}

/** Behind the tag. Throws SMX_PROTOCOL_APDU. */
export function readInitiateResponse(reader: ByteReader): InitiateResponse {
  const qos = reader.u8() === 0 ? {} : { qos: reader.u8() };
  const version = reader.u8();
  if (version !== DLMS_VERSION) malformed(`DLMS of version ${version}`);
  const { conformance } = readConformance(reader);
  return { ...qos, conformance, maxPdu: reader.u16(), vaaName: reader.u16() };
}

function writeConformance(writer: ByteWriter, bits: number, isShort: boolean): void {
  writer.octets(isShort ? CONFORMANCE.slice(0, 1) : CONFORMANCE).octets(CONFORMANCE_BODY);
  writer.u8(bits >> 16).u16(bits & 0xffff);
}

function readConformance(reader: ByteReader): { readonly conformance: number; readonly shortTag?: true } {
  if (reader.u8() !== CONFORMANCE[0]) malformed('no conformance block');
  const isShort = reader.peek() !== CONFORMANCE[1];
  if (!isShort) reader.u8();
  if (reader.u8() !== 4) malformed('a conformance block of another length');
  // the unused bits of the string
  reader.u8();
  return { conformance: (reader.u8() << 16) | reader.u16(), ...(isShort && { shortTag: true }) };
}
