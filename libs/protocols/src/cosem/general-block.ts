import { malformed, ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';

export const GENERAL_BLOCK_TRANSFER = 0xe0;
const LAST = 0x80;
const STREAMING = 0x40;
/** Most blocks that may be sent without waiting. */
export const LARGEST_WINDOW = 63;

/** A piece of any APDU, either way (Green Book §9.5, `General-Block-Transfer`). */
export interface GeneralBlock {
  readonly apdu: 'general-block-transfer';
  readonly last: boolean;
  /** More blocks come before an acknowledgement is awaited. */
  readonly streaming: boolean;
  /** Blocks that the sender of this one takes in a row, 0 to 63. */
  readonly window: number;
  /** From 1. */
  readonly block: number;
  /** Highest block of the other side that came without a gap. */
  readonly acknowledged: number;
  readonly data: Uint8Array;
}

/** Throws SMX_PROTOCOL_APDU. */
export function decodeGeneralBlock(bytes: Uint8Array): GeneralBlock {
  const reader = new ByteReader(bytes);
  if (reader.u8() !== GENERAL_BLOCK_TRANSFER) malformed('no general-block-transfer');
  const control = reader.u8();
  const [block, acknowledged] = [reader.u16(), reader.u16()];
  return {
    apdu: 'general-block-transfer',
    ...{ last: (control & LAST) !== 0, streaming: (control & STREAMING) !== 0, window: control & LARGEST_WINDOW },
    ...{ block, acknowledged, data: reader.octets(reader.length()) },
  };
}

export function encodeGeneralBlock({ last, streaming, window, block, acknowledged, data }: GeneralBlock): Uint8Array {
  const control = (last ? LAST : 0) | (streaming ? STREAMING : 0) | (window & LARGEST_WINDOW);
  const writer = new ByteWriter(data.length + 10);
  return writer.u8(GENERAL_BLOCK_TRANSFER).u8(control).u16(block).u16(acknowledged).counted(data).done();
}
