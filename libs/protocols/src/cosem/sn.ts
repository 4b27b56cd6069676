import { malformed, ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { readData } from './data-reader.js';
import { writeData } from './data-writer.js';
import type { GetResult, Selection } from './ln-types.js';

export const READ_REQUEST = 0x05;
export const READ_RESPONSE = 0x0c;
const VARIABLE_NAME = 2;
const PARAMETERISED = 4;
const BLOCK_NUMBER = 5;

/** One thing to read by short name: base name + 8 × (attribute - 1), 16 bits (Green Book §9.5, `Variable-Access-Specification`). */
export type ReadSpecification =
  | { readonly name: number; readonly selection?: Selection }
  /** The block behind one that was read. */
  | { readonly block: number };

export interface ReadRequest {
  readonly apdu: 'read-request';
  readonly list: readonly ReadSpecification[];
}

export type ReadResult =
  | GetResult
  | { readonly last: boolean; readonly block: number; readonly raw: Uint8Array }
  /** The number of a block that a write goes on with; only a meter says it. */
  | { readonly next: number };

export interface ReadResponse {
  readonly apdu: 'read-response';
  readonly list: readonly ReadResult[];
}

/** Short name of an attribute; base names of object lists may be negative, as they are signed there. */
export function shortName(base: number, attribute: number): number {
  return ((base & 0xffff) + 8 * (attribute - 1)) & 0xffff;
}

export function encodeRead({ list }: ReadRequest): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(READ_REQUEST).length(list.length);
  for (const one of list) {
    if ('block' in one) writer.u8(BLOCK_NUMBER).u16(one.block);
    else if (one.selection === undefined) writer.u8(VARIABLE_NAME).u16(one.name);
    else {
      writer.u8(PARAMETERISED).u16(one.name).u8(one.selection.selector);
      writeData(writer, one.selection.parameters);
    }
  }
  return writer.done();
}

/** reply_to_HLS_authentication of the association in use (Green Book §4.4.3): its object's base name, and method 8. */
const HLS_REPLY = 0xfa00 + 0x58;

/** See `encodeHlsReply`: by short names a method that answers is read with its parameter. */
export function encodeSnHlsReply(proof: Uint8Array): Uint8Array {
  const selection: Selection = { selector: 1, parameters: { type: 'octet-string', value: proof } };
  return encodeRead({ apdu: 'read-request', list: [{ name: HLS_REPLY, selection }] });
}

/** Throws SMX_PROTOCOL_APDU. */
export function decodeReadRequest(bytes: Uint8Array): ReadRequest {
  const reader = new ByteReader(bytes);
  if (reader.u8() !== READ_REQUEST) malformed('no read-request');
  const count = counted(reader);
  const list: ReadSpecification[] = [];
  for (let i = 0; i < count; i++) {
    const choice = reader.u8();
    if (choice === VARIABLE_NAME) list.push({ name: reader.u16() });
    else if (choice === BLOCK_NUMBER) list.push({ block: reader.u16() });
    else if (choice === PARAMETERISED) {
      const name = reader.u16();
      const selector = reader.u8();
      list.push({ name, selection: { selector, parameters: readData(reader) } });
    } else malformed(`the access ${choice} by short name`);
  }
  return { apdu: 'read-request', list };
}

/** Throws SMX_PROTOCOL_APDU. */
export function decodeReadResponse(bytes: Uint8Array): ReadResponse {
  const reader = new ByteReader(bytes);
  if (reader.u8() !== READ_RESPONSE) malformed('no read-response');
  return { apdu: 'read-response', list: readSnResults(reader) };
}

/** Results with their count before them, as they stand in an answer and in the blocks of one. Throws SMX_PROTOCOL_APDU. */
export function readSnResults(reader: ByteReader): ReadResult[] {
  const count = counted(reader);
  const list: ReadResult[] = [];
  for (let i = 0; i < count; i++) list.push(readResult(reader));
  return list;
}

function counted(reader: ByteReader): number {
  const count = reader.length();
  return count <= reader.left ? count : malformed(`${count} parts in ${reader.left} bytes`);
}

function readResult(reader: ByteReader): ReadResult {
  const choice = reader.u8();
  switch (choice) {
    case 0:
      return { data: readData(reader) };
    case 1:
      return { error: reader.u8() };
    case 2: {
      const last = reader.u8() !== 0;
      const block = reader.u16();
      return { last, block, raw: reader.octets(reader.length()) };
    }
    case 3:
      return { next: reader.u16() };
    default:
      return malformed(`the choice ${choice} in place of a result`);
  }
}

/** The meter's side. */
export function encodeReadResponse({ list }: ReadResponse): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(READ_RESPONSE).length(list.length);
  for (const result of list) {
    if ('data' in result) writeData(writer.u8(0), result.data);
    else if ('error' in result) writer.u8(1).u8(result.error);
    else if ('raw' in result)
      writer
        .u8(2)
        .u8(result.last ? 1 : 0)
        .u16(result.block)
        .counted(result.raw);
    else writer.u8(3).u16(result.next);
  }
  return writer.done();
}
