import { FaultBook, type FaultRules } from '../line/index.js';

/**
 * What can be wrong with a P1 line: `noise` before and inside telegrams, telegrams `cut` short, a wrong `crc` (or tag),
 * `silence`, a `clock` that is off.
 */
export const P1_FAULTS = {
  kinds: ['noise', 'cut', 'crc', 'silence', 'clock'],
  counted: 'telegrams',
  times: {},
  once: [],
} as const satisfies FaultRules;
export type P1Fault = (typeof P1_FAULTS.kinds)[number];

const MARK = '!'.charCodeAt(0);
const LINE_END = 10;
const { floor } = Math;

/** The faults of one line. The same seed spoils the same bytes. */
export class LineFaults extends FaultBook<P1Fault> {
  constructor(seed: number) {
    super(seed, P1_FAULTS);
  }

  /** What of a telegram reaches the reader; null = nothing at all. */
  apply(telegram: Uint8Array): Uint8Array | null {
    let bytes: Uint8Array | null = telegram;
    for (const kind of this.strike().keys()) bytes = bytes && this.spoil(bytes, kind);
    return bytes;
  }

  private spoil(bytes: Uint8Array, kind: P1Fault): Uint8Array | null {
    const random = (i: number): number => this.random(i);
    switch (kind) {
      case 'noise':
        return this.disturbed(bytes, random);
      case 'cut':
        return shortened(bytes, random);
      case 'crc':
        return wrongProof(bytes);
      case 'silence':
        return null;
      case 'clock':
        return bytes;
    }
  }

  /** Some bytes of nonsense before the telegram, and about one in 200 of its own with a bit turned. */
  private disturbed(bytes: Uint8Array, random: (i: number) => number): Uint8Array {
    const before = Uint8Array.from({ length: 5 + floor(random(0) * 50) }, (_, i) => 0x80 + floor(random(i + 1) * 0x40));
    const inside = Uint8Array.from(bytes);
    const hits = Math.max(1, floor(bytes.length / 200));
    for (let i = 0; i < hits; i++) {
      // not the first byte: what is no telegram to anybody would be silence
      const at = 1 + floor(random(100 + i) * (bytes.length - 12));
      inside[at]! ^= 1 << floor(random(200 + i) * 5);
    }
    return Buffer.concat([before, inside]);
  }
}

/** The first part of a telegram: to the end of a line, or to somewhere within one. */
function shortened(bytes: Uint8Array, random: (i: number) => number): Uint8Array {
  const at = floor(bytes.length * (0.2 + 0.6 * random(0)));
  const line = bytes.lastIndexOf(LINE_END, at) + 1;
  return bytes.subarray(0, random(1) < 0.5 && line > 0 ? line : at);
}

/** Turns the last digit of the CRC, or the last byte of the tag of an encrypted telegram. */
function wrongProof(bytes: Uint8Array): Uint8Array {
  const wrong = Uint8Array.from(bytes);
  const mark = wrong[0] === 0xdb ? -1 : wrong.lastIndexOf(MARK);
  const last = mark < 0 ? wrong.length - 1 : mark + 4;
  if (mark < 0) wrong[last]! ^= 0xff;
  else wrong[last] = wrong[last] === 0x30 ? 0x31 : 0x30;
  return wrong;
}
