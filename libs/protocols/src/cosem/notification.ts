import { malformed, ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import type { Data } from './data.js';
import { readData } from './data-reader.js';
import { writeData } from './data-writer.js';

export const DATA_NOTIFICATION = 0x0f;

/** What a meter sends unasked (Green Book §9.5). */
export interface DataNotification {
  readonly apdu: 'data-notification';
  /** Long-Invoke-Id-And-Priority, 32 bits. */
  readonly invoke: number;
  /** Twelve octets of a date-time, or none. */
  readonly dateTime: Uint8Array;
  readonly data: Data;
}

/** Throws SMX_PROTOCOL_APDU. */
export function decodeNotification(bytes: Uint8Array): DataNotification {
  const reader = new ByteReader(bytes);
  if (reader.u8() !== DATA_NOTIFICATION) malformed('no data-notification');
  const invoke = reader.u32();
  const dateTime = reader.octets(reader.length());
  if (dateTime.length !== 0 && dateTime.length !== 12) malformed(`a date-time of ${dateTime.length} bytes`);
  return { apdu: 'data-notification', invoke, dateTime, data: readData(reader) };
}

export function encodeNotification({ invoke, dateTime, data }: DataNotification): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(DATA_NOTIFICATION).u32(invoke).counted(dateTime);
  writeData(writer, data);
  return writer.done();
}
