import { malformed, ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import type { Data } from './data.js';
import { readData } from './data-reader.js';
import { writeData } from './data-writer.js';
import {
  DEFAULT_INVOKE,
  type AttributeReference,
  type GetRequest,
  type LnRequest,
  type MethodReference,
} from './ln-types.js';

export const GET_REQUEST = 0xc0;
export const SET_REQUEST = 0xc1;
export const ACTION_REQUEST = 0xc3;
const NORMAL = 1;
const NEXT = 2;
const WITH_LIST = 3;
/** Association LN, its reply_to_HLS_authentication, and the name every meter gives its own association. */
const ASSOCIATION_LN = { classId: 15, method: 1, name: Uint8Array.of(0, 0, 40, 0, 0, 255) };

/** A request that reads (Green Book §9.5). */
export function encodeGet(request: GetRequest): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(GET_REQUEST);
  switch (request.type) {
    case 'normal':
      writer.u8(NORMAL).u8(request.invoke);
      writeAttribute(writer, request.attribute);
      break;
    case 'next':
      writer.u8(NEXT).u8(request.invoke).u32(request.block);
      break;
    case 'with-list':
      writer.u8(WITH_LIST).u8(request.invoke).length(request.list.length);
      for (const attribute of request.list) writeAttribute(writer, attribute);
  }
  return writer.done();
}

/** The client's proof in the third pass of HLS: the one action that this product asks of a meter (Green Book §9.2.7.4). */
export function encodeHlsReply(proof: Uint8Array, invoke = DEFAULT_INVOKE): Uint8Array {
  const { classId, name, method } = ASSOCIATION_LN;
  const writer = new ByteWriter();
  writer.u8(ACTION_REQUEST).u8(NORMAL).u8(invoke).u16(classId).octets(name).u8(method).u8(1);
  writeData(writer, { type: 'octet-string', value: proof });
  return writer.done();
}

/** What a client asks of a meter by logical name. Throws SMX_PROTOCOL_APDU. */
export function decodeLnRequest(bytes: Uint8Array): LnRequest {
  const reader = new ByteReader(bytes);
  const apdu = reader.u8();
  const type = reader.u8();
  const invoke = reader.u8();
  if (apdu === GET_REQUEST) return { apdu: 'get-request', invoke, ...get(reader, type) };
  if (type !== NORMAL) malformed(`a request of type ${type}`);
  if (apdu === SET_REQUEST) {
    const attribute = readAttribute(reader);
    return { apdu: 'set-request', type: 'normal', invoke, attribute, data: readData(reader) };
  }
  if (apdu !== ACTION_REQUEST) malformed(`the request ${apdu}`);
  const method = readMethod(reader);
  const parameters: { parameters?: Data } = reader.u8() === 0 ? {} : { parameters: readData(reader) };
  return { apdu: 'action-request', type: 'normal', invoke, method, ...parameters };
}

type OfGet = GetRequest extends infer R ? (R extends GetRequest ? Omit<R, 'apdu' | 'invoke'> : never) : never;

function get(reader: ByteReader, type: number): OfGet {
  if (type === NORMAL) return { type: 'normal', attribute: readAttribute(reader) };
  if (type === NEXT) return { type: 'next', block: reader.u32() };
  if (type !== WITH_LIST) malformed(`a get-request of type ${type}`);
  const count = reader.length();
  if (count > reader.left) malformed(`${count} attributes in ${reader.left} bytes`);
  return { type: 'with-list', list: Array.from({ length: count }, () => readAttribute(reader)) };
}

function writeAttribute(writer: ByteWriter, { classId, name, attribute, selection }: AttributeReference): void {
  writer.u16(classId).octets(name).u8(attribute);
  if (selection === undefined) writer.u8(0);
  else {
    writer.u8(1).u8(selection.selector);
    writeData(writer, selection.parameters);
  }
}

function readAttribute(reader: ByteReader): AttributeReference {
  const classId = reader.u16();
  const name = reader.octets(6);
  // some makers number attributes from the other end: the number is kept as it stands
  const attribute = reader.u8();
  const reference = { classId, name, attribute };
  if (reader.u8() === 0) return reference;
  const selector = reader.u8();
  return { ...reference, selection: { selector, parameters: readData(reader) } };
}

function readMethod(reader: ByteReader): MethodReference {
  const classId = reader.u16();
  const name = reader.octets(6);
  return { classId, name, method: reader.u8() };
}
