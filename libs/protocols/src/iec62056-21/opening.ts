import { SmxError } from '@smx-edge/model';

/** Baud at which every conversation begins (IEC 62056-21 §6.4). */
export const FIRST_BAUD = 300;

/** What the reader chooses of what the meter offered (IEC 62056-21 §6.3.3). */
export interface Acknowledgement {
  /** V: 0 the protocol of this standard, 2 HDLC. */
  readonly protocol: '0' | '2';
  /** Z, as the meter proposed it, or 0 to stay at 300 baud. */
  readonly speed: string;
  /** Y: readout, programming mode, or HDLC (mode E). */
  readonly mode: 'readout' | 'programming' | 'hdlc';
}

const MODES = { readout: '0', programming: '1', hdlc: '2' } as const;
const REQUEST = /^\/\?([0-9A-Za-z ]{0,32})!$/;

/** `/?!`, with the address of the meter where several share a line. Throws SMX_PROTOCOL_ENCODE. */
export function encodeRequest(address = ''): Uint8Array {
  const line = `/?${address}!`;
  if (!REQUEST.test(line))
    throw new SmxError('SMX_PROTOCOL_ENCODE', `"${address}" is no address of a meter: up to 32 digits and letters`);
  return Buffer.from(`${line}\r\n`, 'latin1');
}

/** Address in a request's line without its end; empty for all meters, undefined where it is no request. */
export function decodeRequest(line: string): string | undefined {
  return REQUEST.exec(line)?.[1];
}

export function encodeAcknowledgement({ protocol, speed, mode }: Acknowledgement): Uint8Array {
  return Buffer.from(`\u0006${protocol}${speed}${MODES[mode]}\r\n`, 'latin1');
}
