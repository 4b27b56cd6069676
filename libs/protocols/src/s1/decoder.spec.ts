import type { S1Block } from './block.js';
import { S1Decoder } from './decoder.js';
import { S1Encoder } from './encoder.js';
import type { S1Format } from './format.js';
import { S1_FRAME_LENGTH } from './frame.js';

const THREE_PHASE: S1Format = {
  meterId: '1SAG1100012345',
  phases: 3,
  wires: 4,
  neutralMeasured: true,
  samplesPerPeriod: 52,
  samplesPerSecond: null,
};

/** What a block said, copied. */
interface Seen {
  readonly first: number;
  readonly lostBefore: number;
  readonly valid: boolean;
  readonly frequency: number | null;
  readonly rate: number | null;
  readonly format: S1Format;
  /** By sample: u1 u2 u3 i1 i2 i3 in. */
  readonly samples: readonly (readonly number[])[];
}

function see(block: S1Block): Seen {
  const { voltage, current, neutral, count, first, lostBefore, valid, frequency, rate, format } = block;
  const channels = [...voltage, ...current, neutral];
  const samples = Array.from({ length: count }, (_, n) => channels.map((channel) => channel[n]!));
  return { first, lostBefore, valid, frequency, rate, format, samples };
}

function reader(samples = 128): { decoder: S1Decoder; seen: Seen[] } {
  const seen: Seen[] = [];
  return { decoder: new S1Decoder({ onBlock: (block) => seen.push(see(block)), samples }), seen };
}

/** Frames whose first voltage is their number: 0 V, 1 V … */
function frames(
  count: number,
  { format = THREE_PHASE, from = 0, invalid = [] as readonly number[] } = {},
): Uint8Array[] {
  const encoder = new S1Encoder(format);
  encoder.sequence = from & 0xff;
  return Array.from({ length: count }, (_, i) => {
    const n = from + i;
    const frame = new Uint8Array(S1_FRAME_LENGTH);
    const voltage = [n % 800, -230.025, 115];
    const current = [0.001, -8388.608, 8388.607];
    encoder.write(frame, 0, { frequency: 50.107, voltage, current, neutral: -1, valid: !invalid.includes(n) });
    return frame;
  });
}

const join = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
const voltages = (seen: readonly Seen[]): number[] => seen.flatMap(({ samples }) => samples.map(([u1]) => u1!));

describe('samples', () => {
  it('come back as they were sent, with what the meter says of them', () => {
    const { decoder, seen } = reader();
    decoder.push(join(frames(2)));
    decoder.flush();
    expect(seen).toEqual([
      {
        ...{ first: 0, lostBefore: 0, valid: true, frequency: 50.107, rate: 50.107 * 52, format: THREE_PHASE },
        samples: [0, 1].map((u1) => [u1, -230.025, 115, 0.001, -8388.608, 8388.607, -1]),
      },
    ]);
  });

  it('of what a meter does not measure are no noughts', () => {
    const format: S1Format = { ...THREE_PHASE, phases: 1, wires: 2, neutralMeasured: false };
    const { decoder, seen } = reader();
    decoder.push(join([...frames(1), ...frames(1, { format, from: 1 })]));
    decoder.flush();
    expect(seen.map(({ format: { phases } }) => phases)).toEqual([3, 1]);
    expect(seen[1]!.samples).toEqual([[1, NaN, NaN, 0.001, NaN, NaN, NaN]]);
  });

  it('of a net without a neutral have the reference on phase 2', () => {
    const format: S1Format = { ...THREE_PHASE, wires: 3, neutralMeasured: false };
    const { decoder, seen } = reader();
    decoder.push(frames(1, { format })[0]!);
    decoder.flush();
    expect(seen[0]).toMatchObject({ format, samples: [[0, -230.025, 115, 0.001, -8388.608, 8388.607, NaN]] });
  });

  it.each([2000, 2600, 4000, 4200])('taken %i times a second say so', (rate) => {
    const format: S1Format = { ...THREE_PHASE, samplesPerPeriod: null, samplesPerSecond: rate };
    const { decoder, seen } = reader();
    decoder.push(frames(1, { format })[0]!);
    decoder.flush();
    expect(seen[0]).toMatchObject({ rate, format });
  });

  it('have no rate where the meter tells none', () => {
    const { decoder, seen } = reader();
    const frame = new Uint8Array(S1_FRAME_LENGTH);
    const sample = { voltage: [1, 2, 3], current: [1, 2, 3], neutral: 0, valid: true };
    new S1Encoder(THREE_PHASE).write(frame, 0, { ...sample, frequency: 0 });
    decoder.push(frame);
    decoder.flush();
    expect(seen[0]).toMatchObject({ frequency: null, rate: null });
  });

  it('that are corrupt stand in blocks of their own, in the same row', () => {
    const { decoder, seen } = reader();
    decoder.push(join(frames(5, { invalid: [2, 3] })));
    decoder.flush();
    expect(seen.map(({ first, valid, samples }) => [first, valid, samples.length])).toEqual([
      [0, true, 2],
      [2, false, 2],
      [4, true, 1],
    ]);
    expect(seen[1]!.format).toBe(seen[0]!.format);
    expect(decoder.counts).toMatchObject({ frames: 5, invalid: 2, missing: 0, gaps: 0 });
  });

  it('fill blocks of the size asked for', () => {
    const { decoder, seen } = reader(100);
    decoder.push(join(frames(250)));
    expect(seen.map(({ first }) => first)).toEqual([0, 100]);
    decoder.flush();
    expect(voltages(seen)).toEqual(Array.from({ length: 250 }, (_, n) => n));
  });
});

describe('what is damaged', () => {
  it('is counted once by what is wrong, and marked before the next sample', () => {
    const sent = frames(8);
    sent[2]![30]! ^= 1;
    sent[5] = sent[5]!.subarray(0, 40);
    const { decoder, seen } = reader();
    decoder.push(join(sent));
    decoder.flush();
    expect(voltages(seen)).toEqual([0, 1, 3, 4, 6, 7]);
    expect(seen.map(({ first, lostBefore }) => [first, lostBefore])).toEqual([
      [0, 0],
      [3, 1],
      [6, 1],
    ]);
    expect(decoder.counts).toEqual({
      ...{ frames: 6, invalid: 0, missing: 2, gaps: 2, badFcs: 1, cut: 1, unknownVersion: 0, sharedFlags: 0 },
      skippedBytes: 45 + 40,
    });
  });

  it('is no more than one frame where its meter id looks like the begin of three', () => {
    const format = { ...THREE_PHASE, meterId: '~\x80+\xff\x03~\x80+\xff\x03~\x80+\xff' };
    const sent = frames(4, { format });
    sent[1]![35]! ^= 0x10;
    const { decoder, seen } = reader();
    decoder.push(join(sent));
    decoder.flush();
    expect(voltages(seen)).toEqual([0, 2, 3]);
    expect(decoder.counts).toMatchObject({ badFcs: 1, cut: 0, missing: 1, skippedBytes: 45 });
  });

  it('gives up a frame that has no end once the line is silent', () => {
    const { decoder, seen } = reader();
    const [first, second] = frames(2) as [Uint8Array, Uint8Array];
    decoder.push(first);
    decoder.push(second.subarray(0, 20));
    decoder.flush();
    decoder.push(frames(1, { from: 2 })[0]!);
    decoder.flush();
    expect(voltages(seen)).toEqual([0, 2]);
    expect(decoder.counts).toMatchObject({ frames: 2, cut: 1, missing: 1, gaps: 1, skippedBytes: 20 });
  });

  it('leaves a frame of an unpublished format for diagnosis and guesses no sample', () => {
    const { decoder, seen } = reader();
    expect(decoder.unknownFrame()).toBeUndefined();
    // version 1 of the shared vectors: FCS right
    const frame = Buffer.from(
      '7e802bff0331534147313130303031323334353f34c35001' + '0001000001'.repeat(3) + '000001' + '0000' + '7e',
      'hex',
    );
    frame.writeUInt16LE(checkSequence(frame.subarray(1, 42)), 42);
    decoder.push(frame);
    decoder.flush();
    expect(seen).toEqual([]);
    expect(decoder.counts).toMatchObject({ frames: 0, unknownVersion: 1, skippedBytes: 0 });
    expect(decoder.unknownFrame()).toEqual(new Uint8Array(frame));
  });
});

/** Written bit by bit, apart from what is tested. */
function checkSequence(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes)
    for (let bit = 0; bit < 8; bit++) crc = (crc ^ (byte >> bit)) & 1 ? (crc >> 1) ^ 0x8408 : crc >> 1;
  return crc ^ 0xffff;
}

describe('the encoder', () => {
  it('clips what is beyond full scale', () => {
    const { decoder, seen } = reader();
    const frame = new Uint8Array(S1_FRAME_LENGTH);
    const sample = { frequency: 70, voltage: [1e4, -1e4, 0], current: [1e5, -1e5, 0], neutral: Infinity, valid: true };
    new S1Encoder(THREE_PHASE).write(frame, 0, sample);
    decoder.push(frame);
    decoder.flush();
    expect(seen[0]).toMatchObject({ frequency: 65.535, valid: true });
    expect(seen[0]!.samples).toEqual([[819.175, -819.2, 0, 8388.607, -8388.608, 0, 8388.607]]);
  });

  it('marks as corrupt what is no number', () => {
    const { decoder, seen } = reader();
    const frame = new Uint8Array(S1_FRAME_LENGTH);
    const sample = { frequency: 50, voltage: [230, NaN, 230], current: [1, 1, 1], neutral: 0, valid: true };
    new S1Encoder(THREE_PHASE).write(frame, 0, sample);
    decoder.push(frame);
    decoder.flush();
    expect(seen[0]).toMatchObject({ valid: false });
  });
});

describe('a gap longer than the numbers reach', () => {
  const RATE = 50.107 * 52;
  const CHUNK = 26;

  /** Frames `from` … `to`, in pieces of 26 that come when the last one of a piece was sent, `late` ms later. */
  function play(
    decoder: S1Decoder,
    [from, to]: readonly [number, number],
    late: (n: number) => number = () => 0,
  ): void {
    for (let n = from; n < to; n += CHUNK)
      decoder.push(join(frames(Math.min(CHUNK, to - n), { from: n })), ((n + CHUNK) / RATE) * 1000 + late(n));
  }

  it('is counted whole after the line was closed', () => {
    const { decoder, seen } = reader();
    play(decoder, [0, 1300]);
    decoder.flush();
    play(decoder, [1300 + 26_000, 1300 + 26_052]);
    decoder.flush();
    expect(seen.at(-1)).toMatchObject({ first: 27_300, lostBefore: 26_000 });
    expect(decoder.counts).toMatchObject({ missing: 26_000, gaps: 1 });
  });

  it('is counted whole within a second or so on an open line', () => {
    const { decoder, seen } = reader();
    play(decoder, [0, 1300]);
    play(decoder, [2301, 6000]);
    decoder.flush();
    const { first, samples } = seen.at(-1)!;
    expect(first + samples.length).toBe(6000);
    expect(decoder.counts).toMatchObject({ frames: 4999, missing: 1001 });
  });

  it('is none where frames only came late', () => {
    const { decoder } = reader();
    // the machine stood still for 600 ms and lost one frame in it; what waited comes at once
    play(decoder, [0, 1300], () => 3);
    play(decoder, [1301, 3000], (n) => Math.max(3, 600 - ((n - 1301) / RATE) * 1000));
    play(decoder, [3000, 9000], () => 3);
    expect(decoder.counts).toMatchObject({ missing: 1, gaps: 1 });
  });

  it('is none where nothing is missing, however slow the line', () => {
    const { decoder } = reader();
    play(decoder, [0, 9000], (n) => n);
    expect(decoder.counts).toMatchObject({ frames: 9000, missing: 0 });
  });

  it('is none where the clock was set ahead by an hour, also once a frame is lost', () => {
    const { decoder } = reader();
    play(decoder, [0, 1300]);
    play(decoder, [1300, 2600], () => 3_600_000);
    play(decoder, [2601, 9000], () => 3_600_000);
    expect(decoder.counts).toMatchObject({ missing: 1, gaps: 1 });
  });

  it('is told by the number alone where nobody says when bytes come', () => {
    const { decoder } = reader();
    decoder.push(join([...frames(3), ...frames(1, { from: 1003 })]));
    expect(decoder.counts).toMatchObject({ missing: 1000 % 256, gaps: 1 });
  });
});
