import { CR, LF } from './bytes.js';
import { crc16Byte } from './crc16.js';
import { CRC_ABSENT, CRC_MALFORMED, type P1Frame } from './frame.js';
import type { P1Verdict } from './telegram.js';

/** What the CRC of a text frame says of it. */
export function judge(frame: P1Frame): P1Verdict {
  if (frame.given === frame.computed) return 'ok';
  if (frame.given === CRC_ABSENT) return 'absent';
  if (frame.given === CRC_MALFORMED) return 'bad';
  return restorable(frame) ? 'restored' : 'bad';
}

/** How many empty lines a telegram had before a gateway changed its line ends. */
type EmptyLines = 'kept' | 'one' | 'none';

/**
 * Gateways turn CRLF into LF, or double the line ends. Where the text bears the mark of that, the CRC is taken once more
 * over the lines as a meter sends them.
 */
function restorable({ bytes, length, given }: P1Frame): boolean {
  const { bare, doubled } = lineEnds(bytes, length);
  if (bare && lineCrc(bytes, length, 'kept') === given) return true;
  return doubled && (lineCrc(bytes, length, 'one') === given || lineCrc(bytes, length, 'none') === given);
}

function lineEnds(bytes: Uint8Array, length: number): { bare: boolean; doubled: boolean } {
  let bare = false;
  let empty = 0;
  let lineLength = 0;
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]!;
    if (byte === LF) {
      if (bytes[i - 1] !== CR || bytes[i - 2] === CR) bare = true;
      if (lineLength === 0) empty++;
      lineLength = 0;
    } else if (byte !== CR) lineLength++;
  }
  return { bare, doubled: empty > 1 };
}

function lineCrc(bytes: Uint8Array, length: number, emptyLines: EmptyLines): number {
  let crc = 0;
  let lineLength = 0;
  let line = 0;
  const add = (byte: number): void => void (crc = crc16Byte(crc, byte));
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]!;
    if (byte === CR) continue;
    if (byte !== LF) {
      add(byte);
      lineLength++;
      continue;
    }
    line++;
    if (lineLength > 0 || emptyLines === 'kept') {
      add(CR);
      add(LF);
    }
    if (line === 1 && emptyLines === 'one') {
      add(CR);
      add(LF);
    }
    lineLength = 0;
  }
  return crc;
}
