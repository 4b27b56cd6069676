import { malformed, ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { readData } from './data-reader.js';
import { writeData } from './data-writer.js';
import type { GetResponse, GetResult, LnResponse } from './ln-types.js';

export const GET_RESPONSE = 0xc4;
export const SET_RESPONSE = 0xc5;
export const ACTION_RESPONSE = 0xc7;
const NORMAL = 1;
const WITH_BLOCK = 2;
const WITH_LIST = 3;

/** What a meter answers by logical name (Green Book §9.5). Throws SMX_PROTOCOL_APDU. */
export function decodeLnResponse(bytes: Uint8Array): LnResponse {
  const reader = new ByteReader(bytes);
  const apdu = reader.u8();
  const type = reader.u8();
  const invoke = reader.u8();
  if (apdu === GET_RESPONSE) return { apdu: 'get-response', invoke, ...get(reader, type) };
  if (type !== NORMAL) malformed(`a response of type ${type}`);
  if (apdu === SET_RESPONSE) return { apdu: 'set-response', type: 'normal', invoke, result: reader.u8() };
  if (apdu !== ACTION_RESPONSE) malformed(`the response ${apdu}`);
  const result = reader.u8();
  const hasReturn = reader.left > 0 && reader.u8() === 1;
  return {
    ...{ apdu: 'action-response', type: 'normal', invoke, result },
    ...(hasReturn ? { returned: readResult(reader) } : {}),
  };
}

type OfGet = GetResponse extends infer R ? (R extends GetResponse ? Omit<R, 'apdu' | 'invoke'> : never) : never;

function get(reader: ByteReader, type: number): OfGet {
  if (type === NORMAL) return { type: 'normal', result: readResult(reader) };
  if (type === WITH_BLOCK) {
    const last = reader.u8() !== 0;
    const block = reader.u32();
    const isError = reader.u8() !== 0;
    const result = isError ? { error: reader.u8() } : { raw: reader.octets(reader.length()) };
    // what follows the data of a last block is junk of some meters, and nothing of it is taken
    return { type: 'with-datablock', last, block, result };
  }
  if (type !== WITH_LIST) malformed(`a get-response of type ${type}`);
  return { type: 'with-list', list: readResults(reader) };
}

/** Results with their count before them, as they stand in a list and in the blocks of one. Throws SMX_PROTOCOL_APDU. */
export function readResults(reader: ByteReader): GetResult[] {
  const count = reader.length();
  if (count > reader.left) malformed(`${count} results in ${reader.left} bytes`);
  const list: GetResult[] = [];
  for (let i = 0; i < count; i++) list.push(readResult(reader));
  return list;
}

function readResult(reader: ByteReader): GetResult {
  const choice = reader.u8();
  if (choice === 0) return { data: readData(reader) };
  if (choice !== 1) malformed(`the choice ${choice} in place of a result`);
  return { error: reader.u8() };
}

/** The meter's side. */
export function encodeLnResponse(response: LnResponse): Uint8Array {
  const writer = new ByteWriter();
  switch (response.apdu) {
    case 'get-response':
      writer.u8(GET_RESPONSE);
      writeGet(writer, response);
      break;
    case 'set-response':
      writer.u8(SET_RESPONSE).u8(NORMAL).u8(response.invoke).u8(response.result);
      break;
    case 'action-response':
      writer.u8(ACTION_RESPONSE).u8(NORMAL).u8(response.invoke).u8(response.result);
      if (response.returned === undefined) writer.u8(0);
      else writeResult(writer.u8(1), response.returned);
  }
  return writer.done();
}

function writeGet(writer: ByteWriter, response: GetResponse): void {
  switch (response.type) {
    case 'normal':
      writeResult(writer.u8(NORMAL).u8(response.invoke), response.result);
      return;
    case 'with-datablock': {
      const { result, last, block, invoke } = response;
      writer
        .u8(WITH_BLOCK)
        .u8(invoke)
        .u8(last ? 1 : 0)
        .u32(block);
      if ('error' in result) writer.u8(1).u8(result.error);
      else writer.u8(0).counted(result.raw);
      return;
    }
    case 'with-list':
      writeResults(writer.u8(WITH_LIST).u8(response.invoke), response.list);
  }
}

/** See `readResults`. */
function writeResults(writer: ByteWriter, list: readonly GetResult[]): void {
  writer.length(list.length);
  for (const result of list) writeResult(writer, result);
}

function writeResult(writer: ByteWriter, result: GetResult): void {
  if ('error' in result) writer.u8(1).u8(result.error);
  else writeData(writer.u8(0), result.data);
}
