const SEVEN_BITS = 0x7f;

/** Whether a byte has an odd number of ones, by the byte. */
const ODD = Uint8Array.from({ length: 256 }, (_, byte) => {
  const half = byte ^ (byte >> 4);
  const pair = half ^ (half >> 2);
  return (pair ^ (pair >> 1)) & 1;
});

/** 1 for a byte that is none of a line which shows even parity, else 0. */
export function oddOnes(byte: number): number {
  return ODD[byte]!;
}

/** Whether bytes show parity (any has its eighth bit), and it is wrong. */
export function isParityWrong(bytes: Uint8Array): boolean {
  return bytes.some((byte) => byte > SEVEN_BITS) && bytes.some((byte) => oddOnes(byte) === 1);
}

/**
 * Seven-bit characters as a line of 8N1 has to carry them so that a meter sees 7E1 (IEC 62056-21 §5.1): the eighth bit
 * makes the ones even. So adapters and bridges that know no parity serve as well.
 */
export function withEvenParity(characters: Uint8Array): Uint8Array {
  return characters.map((character) => {
    const bits = character & SEVEN_BITS;
    return oddOnes(bits) === 1 ? bits | 0x80 : bits;
  });
}

/** Characters of what a line of 8N1 received from a meter at 7E1; also of an adapter that took the parity off already. */
export function withoutParity(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => byte & SEVEN_BITS);
}
