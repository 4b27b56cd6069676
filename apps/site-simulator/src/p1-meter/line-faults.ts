import { SmxError } from '@smx-edge/model';
import { FaultBook, type LineFault } from '../line/index.js';

/**
 * What can be wrong with a P1 line: `noise` before and inside telegrams, telegrams `cut` short, a wrong `crc` (or tag),
 * `silence`, a `clock` that is off.
 */
export const FAULT_KINDS = ['noise', 'cut', 'crc', 'silence', 'clock'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault extends LineFault<FaultKind> {
  /** Telegrams for which it lasts; until it is cleared where absent. */
  readonly telegrams?: number;
  /** `clock`: ms by which the meter's clock is ahead (negative: behind). */
  readonly by?: number;
}

const MARK = '!'.charCodeAt(0);
const LINE_END = 10;
const { floor } = Math;

/** The faults of one line. The same seed spoils the same bytes. */
export class LineFaults {
  private readonly book: FaultBook<FaultKind, Fault>;
  private telegrams = 0;

  constructor(seed: number) {
    this.book = new FaultBook(seed, FAULT_KINDS);
  }

  /** Faults now, with the telegrams they still last. */
  get list(): Fault[] {
    return this.book.list.map(({ fault, left }) => (Number.isFinite(left) ? { ...fault, telegrams: left } : fault));
  }

  /** ms by which the meter's clock is off. */
  get clock(): number {
    return this.book.get('clock')?.by ?? 0;
  }

  /** Begins a fault, in place of one of its kind. Throws SMX_SIMULATOR_SETPOINT. */
  set(fault: Fault): void {
    const { kind, telegrams, by } = fault;
    if (kind === 'clock' ? by === undefined || !Number.isFinite(by) : by !== undefined)
      throw new SmxError(
        'SMX_SIMULATOR_SETPOINT',
        'The fault "clock", and it alone, takes "by": ms the clock is ahead',
      );
    this.book.set(fault, { name: 'telegrams', times: telegrams });
  }

  /** Ends a fault, or all. */
  clear(kind?: FaultKind): void {
    this.book.clear(kind);
  }

  /** What of a telegram reaches the reader; null = nothing at all. */
  apply(telegram: Uint8Array): Uint8Array | null {
    const n = this.telegrams++;
    let bytes: Uint8Array | null = telegram;
    for (const kind of FAULT_KINDS) if (this.book.hits(kind, n) && bytes !== null) bytes = this.spoil(bytes, kind, n);
    return bytes;
  }

  private spoil(bytes: Uint8Array, kind: FaultKind, n: number): Uint8Array | null {
    const random = (i: number): number => this.book.noise.at(1e9 + n * 4096 + i);
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
