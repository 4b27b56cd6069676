import { S1_FRAME_LENGTH, S1Decoder, S1Encoder, type S1Block } from '@smx-edge/protocols/s1';
import { seeded } from './random.js';

const PIECE = 1 << 16;
/** Steps of 1 mA that a current has. */
const STEPS = 1 << 24;

/** What fuzzed bytes made of a decoder. */
interface S1Fuzz {
  readonly bytes: number;
  /** Intact frames, found by another way than the decoder's. */
  readonly frames: number;
  /** Samples given beyond those frames, or not given of them. */
  readonly wrong: number;
  /** Of these frames, those that damage has given a check sequence that is right by chance: no decoder can tell. */
  readonly collisions: number;
  /** Bytes that the counts do not tell of. */
  readonly untold: number;
}

/** A frame and its remainder under the bare polynomial: what a right check sequence leaves (ISO/IEC 13239 §4.2.5.2). */
const REMAINDER = 0xf0b8;
const BITS: Uint16Array = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x8408 : crc >>> 1;
  return crc;
});

/** Intact frames among the first `length` bytes, looked for at every place. */
function intactFrames(bytes: Uint8Array, length: number): number {
  let found = 0;
  for (let at = 0; at + S1_FRAME_LENGTH <= length; at++) {
    if (bytes[at] !== 0x7e || bytes[at + 44] !== 0x7e || bytes[at + 1] !== 0x80 || bytes[at + 2] !== 0x2b) continue;
    if (bytes[at + 3] !== 0xff || bytes[at + 4] !== 0x03) continue;
    let crc = 0xffff;
    for (let i = at + 1; i < at + 44; i++) crc = BITS[(crc ^ bytes[i]!) & 0xff]! ^ (crc >> 8);
    if (crc !== REMAINDER) continue;
    found++;
    // its last flag may begin the next one
    at += 43;
  }
  return found;
}

/** mA that the neutral carries in a genuine frame: a sum over all else, by which one that damage made is told. */
function sumOver(voltage: readonly ArrayLike<number>[], current: readonly ArrayLike<number>[], n: number): number {
  let sum = 0;
  for (const channel of voltage) sum = (Math.imul(sum, 31) + Math.round(channel[n]! * 40)) | 0;
  for (const channel of current) sum = (Math.imul(sum, 31) + Math.round(channel[n]! * 1000)) | 0;
  return (sum >>> 8) - STEPS / 2;
}

/** Runs a decoder over so many bytes: frames with bytes changed, taken out and put in, begins of frames, noise; in pieces of any size. */
export function fuzzS1(total: number, seed: number): S1Fuzz {
  const random = seeded(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const tally = { bytes: 0, frames: 0, wrong: 0, collisions: 0, untold: 0 };
  let samples = 0;
  const onBlock = ({ voltage, current, neutral, count }: S1Block): void => {
    samples += count;
    for (let n = 0; n < count; n++)
      if (Math.round(neutral[n]! * 1000) !== sumOver(voltage, current, n)) tally.collisions++;
  };
  const decoder = new S1Decoder({ onBlock });
  const encoder = new S1Encoder({
    ...{ meterId: '1SAG1100012345', phases: 3, wires: 4, neutralMeasured: true },
    ...{ samplesPerPeriod: 52, samplesPerSecond: null },
  });
  const voltage = [0, 0, 0];
  const current = [0, 0, 0];
  const alone = (value: number): ArrayLike<number> => [value];
  const stream = new Uint8Array(PIECE);

  /** Writes something at `at`; returns where it ends. */
  const write = (at: number): number => {
    const kind = below(16);
    if (kind === 0) {
      const end = at + below(60);
      for (let i = at; i < end; i++) stream[i] = below(256);
      return end;
    }
    if (kind === 1) {
      for (let k = 0; k < 5; k++) stream[at + k] = [0x7e, 0x80, 0x2b, 0xff, 0x03][k]!;
      return at + 1 + below(5);
    }
    for (let k = 0; k < 3; k++) {
      voltage[k] = (below(65_536) - 32_768) / 40;
      current[k] = (below(STEPS) - STEPS / 2) / 1000;
    }
    const neutral = sumOver(voltage.map(alone), current.map(alone), 0) / 1000;
    const end = encoder.write(stream, at, { frequency: 50, voltage, current, neutral, valid: true });
    if (kind < 4) return end;
    // between the flags mostly, so that the check sequence has to tell
    if (kind < 12) for (let k = 1 + below(4); k > 0; k--) stream[at + 5 + below(39)] = below(256);
    else if (kind === 12) stream[at + below(S1_FRAME_LENGTH)] = 0x7e;
    else if (kind === 13) return at + below(S1_FRAME_LENGTH);
    else if (kind === 14) stream.copyWithin(at + 20, at + 20 + below(5), end);
    else return end - 1;
    return end;
  };

  while (tally.bytes < total) {
    let length = 0;
    while (length < PIECE - 2 * S1_FRAME_LENGTH) length = write(length);
    const before = { ...decoder.counts, samples };
    for (let at = 0; at < length;) {
      const end = Math.min(length, at + 1 + below(below(4) === 0 ? 8 : 4096));
      decoder.push(stream.subarray(at, end));
      at = end;
    }
    decoder.flush();
    const intact = intactFrames(stream, length);
    const [frames, unknown, shared, skipped] = (
      ['frames', 'unknownVersion', 'sharedFlags', 'skippedBytes'] as const
    ).map((count) => decoder.counts[count] - before[count]) as [number, number, number, number];
    tally.bytes += length;
    tally.frames += intact;
    tally.wrong += Math.abs(samples - before.samples - frames) + Math.abs(frames + unknown - intact);
    tally.collisions += unknown;
    tally.untold += Math.abs(45 * (frames + unknown) - shared + skipped - length);
  }
  return tally;
}
