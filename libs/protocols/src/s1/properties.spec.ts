import fc from 'fast-check';
import { S1Decoder } from './decoder.js';
import { S1Encoder } from './encoder.js';
import type { S1Format } from './format.js';
import { S1_FRAME_LENGTH } from './frame.js';

const format = fc
  .record({
    meterId: fc.constantFrom('1SAG1100012345', '~\x80+\xff\x03~\x80+\xff\x03~\x80+\xff', null),
    net: fc.constantFrom({ phases: 1, wires: 2 } as const, { phases: 3, wires: 3 } as const, { phases: 3, wires: 4 } as const), // prettier-ignore
    neutralMeasured: fc.boolean(),
    perPeriod: fc.boolean(),
    sampling: fc.integer({ min: 20, max: 80 }),
  })
  .map(({ net, perPeriod, sampling, ...rest }): S1Format => ({
    ...rest,
    ...net,
    samplesPerPeriod: perPeriod ? sampling : null,
    samplesPerSecond: perPeriod ? null : sampling * 100,
  }));

// flags and begins of frames are likelier than in nature
const volt = fc
  .oneof(fc.integer({ min: -32768, max: 32767 }), fc.constantFrom(0x7e7e, 0x7e80, 0x2bff))
  .map((n) => n / 40);
const ampere = fc
  .oneof(fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 }), fc.constantFrom(0x7e7e7e, 0x7e802b, 0x2bff03))
  .map((n) => n / 1000);
const sample = fc.record({
  frequency: fc.integer({ min: 0, max: 0xffff }).map((mhz) => mhz / 1000),
  voltage: fc.array(volt, { minLength: 3, maxLength: 3 }),
  current: fc.array(ampere, { minLength: 3, maxLength: 3 }),
  neutral: ampere,
  valid: fc.boolean(),
});
type Sample = typeof sample extends fc.Arbitrary<infer T> ? T : never;

const stream = fc.record({
  format,
  start: fc.nat(255),
  samples: fc.array(sample, { minLength: 1, maxLength: 40 }),
  shared: fc.boolean(),
});

function encode(sent: { format: S1Format; start: number; samples: readonly Sample[]; shared: boolean }): Uint8Array {
  const encoder = new S1Encoder(sent.format);
  encoder.sequence = sent.start;
  const bytes = new Uint8Array(sent.samples.length * S1_FRAME_LENGTH);
  let at = 0;
  for (const each of sent.samples) at = encoder.write(bytes, sent.shared && at > 0 ? at - 1 : at, each);
  return bytes.subarray(0, at);
}

/** Cuts a stream at places given as shares of its length. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

/** Every sample with its place, and the counts: what the pieces that a stream came in must not change. */
function read(chunks: readonly Uint8Array[]) {
  const samples: (readonly (number | boolean | null)[])[] = [];
  const decoder = new S1Decoder({
    samples: 16,
    onBlock: ({ voltage, current, neutral, count, first, valid, format: { phases, wires } }) => {
      for (let n = 0; n < count; n++)
        samples.push([
          first + n,
          valid,
          phases,
          wires,
          ...[...voltage, ...current, neutral].map((channel) => channel[n]!),
        ]);
    },
  });
  for (const chunk of chunks) decoder.push(chunk);
  decoder.flush();
  return { samples, counts: decoder.counts };
}

/** Bit by bit over the whole stream: where an intact frame begins. Written apart from what is tested. */
function intactFrames(bytes: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 0; at + 45 <= bytes.length; at++) {
    if (Buffer.from(bytes.subarray(at, at + 5)).toString('hex') !== '7e802bff03' || bytes[at + 44] !== 0x7e) continue;
    let crc = 0xffff;
    for (const byte of bytes.subarray(at + 1, at + 44))
      for (let bit = 0; bit < 8; bit++) crc = (crc ^ (byte >> bit)) & 1 ? (crc >> 1) ^ 0x8408 : crc >> 1;
    // what a right check sequence leaves (ISO/IEC 13239 §4.2.5.2)
    if (crc !== 0xf0b8) continue;
    found.push(at);
    at += 43;
  }
  return found;
}

/** Of a stream with damage: bytes replaced, taken out and put in. */
const damage = fc.array(
  fc.record({
    place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    remove: fc.oneof(fc.constantFrom(0, 1), fc.nat(100)),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.constantFrom(Uint8Array.of(0x7e, 0x80, 0x2b, 0xff, 0x03), Uint8Array.of(0x7e)),
    ),
  }),
  { maxLength: 6 },
);
const damaged = fc.tuple(stream, damage).map(([sent, changes]) =>
  changes.reduce<Uint8Array>((bytes, { place, remove, insert }) => {
    const at = Math.floor(place * bytes.length);
    return Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
  }, encode(sent)),
);
const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });

describe('S1 streams', () => {
  it('come back as they were sent', () => {
    fc.assert(
      fc.property(stream, (sent) => {
        const { samples, counts } = read([encode(sent)]);
        const { phases, wires, neutralMeasured } = sent.format;
        const has = [true, phases === 3, phases === 3, true, phases === 3, phases === 3, neutralMeasured];
        expect(samples).toEqual(
          sent.samples.map(({ voltage, current, neutral, valid }, n) => [
            ...[n, valid, phases, wires],
            ...[...voltage, ...current, neutral].map((value, channel) => (has[channel] ? value : NaN)),
          ]),
        );
        expect(counts).toEqual({
          ...{ frames: samples.length, invalid: sent.samples.filter(({ valid }) => !valid).length },
          ...{ missing: 0, gaps: 0, badFcs: 0, cut: 0, unknownVersion: 0, skippedBytes: 0 },
          sharedFlags: sent.shared ? samples.length - 1 : 0,
        });
      }),
    );
  });

  it('give the same whatever the pieces they come in', () => {
    fc.assert(
      fc.property(damaged, places, (bytes, where) => {
        const whole = read([bytes]);
        expect(read(cut(bytes, where))).toEqual(whole);
        expect(read(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  it('give a sample for each intact frame and for nothing else, and tell of every byte', () => {
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 500 })), (bytes) => {
        const { samples, counts } = read([bytes]);
        const { frames, unknownVersion, sharedFlags, skippedBytes } = counts;
        expect(samples.length).toBe(frames);
        expect(frames + unknownVersion).toBe(intactFrames(bytes).length);
        expect(45 * (frames + unknownVersion) - sharedFlags + skippedBytes).toBe(bytes.length);
      }),
      { numRuns: 500 },
    );
  });

  it('have as many samples missing as frames were lost or damaged between two that came', () => {
    fc.assert(
      fc.property(stream, fc.infiniteStream(fc.constantFrom('ok', 'ok', 'lost', 'bad', 'short')), (sent, fates) => {
        const bytes = encode({ ...sent, shared: false });
        let [lost, bad, short] = [0, 0, 0];
        const parts = sent.samples.map((_, n) => {
          const frame = bytes.slice(n * S1_FRAME_LENGTH, (n + 1) * S1_FRAME_LENGTH);
          const fate = n === 0 || n === sent.samples.length - 1 ? 'ok' : (fates.next().value as string);
          if (fate === 'lost') {
            lost++;
            return new Uint8Array(0);
          }
          if (fate === 'short') {
            short++;
            return frame.subarray(0, 36);
          }
          if (fate === 'ok') return frame;
          bad++;
          frame[23]! ^= 0x40;
          return frame;
        });
        const { counts } = read([Buffer.concat(parts)]);
        expect(counts.missing).toBe(lost + bad + short);
        expect(counts.frames).toBe(sent.samples.length - counts.missing);
        expect(counts.skippedBytes).toBe(45 * bad + 36 * short);
        // a flag among the samples may stand where the shortened frame should end
        expect(counts.badFcs + counts.cut).toBeGreaterThanOrEqual(bad + short);
      }),
    );
  });
});
