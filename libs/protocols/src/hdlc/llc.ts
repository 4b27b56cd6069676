/** LLC header before an APDU: destination and source LSAP, quality (IEC 62056-46 §5.3.3). */
const COMMAND = [0xe6, 0xe6, 0x00] as const;
const RESPONSE = [0xe6, 0xe7, 0x00] as const;

export type LlcKind = 'command' | 'response';

export function wrapLlc(apdu: Uint8Array, kind: LlcKind): Uint8Array {
  const whole = new Uint8Array(apdu.length + 3);
  whole.set(kind === 'command' ? COMMAND : RESPONSE);
  whole.set(apdu, 3);
  return whole;
}

/** The APDU behind the header; undefined where another header or none stands there. */
export function unwrapLlc(message: Uint8Array, kind: LlcKind): Uint8Array | undefined {
  const header = kind === 'command' ? COMMAND : RESPONSE;
  return header.every((byte, i) => message[i] === byte) ? message.subarray(3) : undefined;
}
