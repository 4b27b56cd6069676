/** Exceptions by their numbers (MODBUS Application Protocol V1.1b3 §7). */
export const EXCEPTION = { function: 1, address: 2, value: 3, failure: 4, busy: 6, noTarget: 11 } as const;
export type ExceptionCode = (typeof EXCEPTION)[keyof typeof EXCEPTION];

/** Registers of one unit. */
export interface RegisterBank {
  /** Registers from `address`, or why they are not to be had. */
  read(address: number, count: number): readonly number[] | ExceptionCode;
  /** Why registers were not written, or not all of them; undefined where they were, as far as the device tells. */
  write(address: number, words: readonly number[]): ExceptionCode | undefined;
}

const [READ, WRITE_ONE, WRITE_MANY] = [3, 6, 16];
const [MOST_READ, MOST_WRITTEN] = [125, 123];

export const isWrite = (pdu: Buffer): boolean => pdu[0] === WRITE_ONE || pdu[0] === WRITE_MANY;

export const exceptionPdu = (pdu: Buffer, code: ExceptionCode): number[] => [pdu[0]! | 0x80, code];

/** The answer of a unit: functions 3, 6 and 16 are all that these devices have (Fronius Modbus TCP & RTU, function codes). */
export function answerPdu(pdu: Buffer, bank: RegisterBank): number[] {
  const refuse = (code: ExceptionCode): number[] => exceptionPdu(pdu, code);
  const [code] = pdu;
  if (code !== READ && code !== WRITE_ONE && code !== WRITE_MANY) return refuse(EXCEPTION.function);
  if (pdu.length < 5) return refuse(EXCEPTION.value);
  const address = pdu.readUInt16BE(1);
  if (code === READ) {
    const count = pdu.readUInt16BE(3);
    if (pdu.length !== 5 || count < 1 || count > MOST_READ) return refuse(EXCEPTION.value);
    const words = bank.read(address, count);
    if (typeof words === 'number') return refuse(words);
    return [READ, 2 * count, ...words.flatMap((word) => [word >> 8, word & 0xff])];
  }
  const words = code === WRITE_ONE ? (pdu.length === 5 ? [pdu.readUInt16BE(3)] : undefined) : manyWords(pdu);
  if (words === undefined) return refuse(EXCEPTION.value);
  const refused = bank.write(address, words);
  return refused === undefined ? [...pdu.subarray(0, 5)] : refuse(refused);
}

function manyWords(pdu: Buffer): number[] | undefined {
  const count = pdu.readUInt16BE(3);
  if (count < 1 || count > MOST_WRITTEN || pdu[5] !== 2 * count || pdu.length !== 6 + 2 * count) return undefined;
  return Array.from({ length: count }, (_, i) => pdu.readUInt16BE(6 + 2 * i));
}
