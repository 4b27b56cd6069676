import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { S1Decoder, type S1Block, type S1Counts, type S1Format } from '@smx-edge/protocols/s1';
import { fuzzS1 } from '../faults/support/s1-fuzz.js';

/** Every shared recording of an S1 port gives the samples, the losses and the counts its index states. */
const DATA = resolve(__dirname, '../../../shared/data/p1s1/s1');
const given = existsSync(join(DATA, 'vectors.json')) ? describe : describe.skip;

interface Info {
  readonly polyphase: boolean;
  readonly perPeriodSampling: boolean;
  readonly fourWire: boolean;
  readonly samplesValid: boolean;
  readonly neutralMeasured: boolean;
}

/** One frame as the index takes it apart. */
interface Decoded {
  readonly meterIdAscii: string | null;
  readonly info: Info;
  readonly samplingField: number;
  readonly networkFrequencyHz: number;
  readonly uVolt: readonly number[];
  readonly iAmp: readonly number[];
  readonly inAmp: number;
}

interface Cycle {
  readonly phases: readonly { readonly urms: number; readonly irms: number; readonly p: number }[];
  readonly inRms: number;
  readonly pTotal: number;
}

interface Sample {
  readonly place: number;
  readonly lostBefore: number;
  readonly valid: boolean;
  readonly format: S1Format;
  readonly frequency: number | null;
  readonly rate: number | null;
  readonly voltage: readonly number[];
  readonly current: readonly number[];
  readonly neutral: number;
}

interface Read {
  readonly samples: readonly Sample[];
  readonly counts: Readonly<S1Counts>;
}

const NOTHING_WRONG = { invalid: 0, missing: 0, gaps: 0, badFcs: 0, cut: 0, unknownVersion: 0, sharedFlags: 0, skippedBytes: 0 }; // prettier-ignore

/** Blocks of one sample, so that each has what the meter said with it. */
function read(file: string, piece = Infinity): Read {
  const samples: Sample[] = [];
  const onBlock = ({ voltage, current, neutral, first, lostBefore, valid, format, frequency, rate }: S1Block): void => {
    const at = (channel: Float64Array): number => channel[0]!;
    samples.push({
      ...{ place: first, lostBefore, valid, format, frequency, rate },
      ...{ voltage: voltage.map(at), current: current.map(at), neutral: at(neutral) },
    });
  };
  const decoder = new S1Decoder({ onBlock, samples: 1 });
  const bytes = readFileSync(join(DATA, file));
  for (let at = 0; at < bytes.length; at += piece) decoder.push(bytes.subarray(at, at + piece));
  decoder.flush();
  return { samples, counts: decoder.counts };
}

const expectedOf = (file: string): unknown => {
  const { vectors } = JSON.parse(readFileSync(join(DATA, 'vectors.json'), 'utf8')) as { vectors: { file: string; expected: unknown }[] }; // prettier-ignore
  return vectors.find((vector) => vector.file === file)!.expected;
};

function formatOf({ meterIdAscii, info, samplingField }: Decoded): S1Format {
  return {
    meterId: meterIdAscii,
    phases: info.polyphase ? 3 : 1,
    wires: !info.polyphase ? 2 : info.fourWire ? 4 : 3,
    neutralMeasured: info.neutralMeasured,
    samplesPerPeriod: info.perPeriodSampling ? samplingField : null,
    samplesPerSecond: info.perPeriodSampling ? null : samplingField * 100,
  };
}

function expectSample(sample: Sample, decoded: Decoded): void {
  const { info, networkFrequencyHz, uVolt, iAmp, inAmp } = decoded;
  // the index has 0 where a meter does not measure
  const phases = (values: readonly number[]): number[] => (info.polyphase ? [...values] : [values[0]!, NaN, NaN]);
  expect(sample).toMatchObject({
    ...{ format: formatOf(decoded), valid: info.samplesValid, frequency: networkFrequencyHz },
    ...{ voltage: phases(uVolt), current: phases(iAmp), neutral: info.neutralMeasured ? inAmp : NaN },
  });
}

const rms = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

function expectCycle(samples: readonly Sample[], { phases, inRms, pTotal }: Cycle): void {
  const powers = phases.map(({ urms, irms, p }, k) => {
    expect(rms(samples.map(({ voltage }) => voltage[k]!))).toBeCloseTo(urms, 4);
    expect(rms(samples.map(({ current }) => current[k]!))).toBeCloseTo(irms, 4);
    const power = samples.reduce((sum, { voltage, current }) => sum + voltage[k]! * current[k]!, 0) / samples.length;
    expect(power).toBeCloseTo(p, 3);
    return power;
  });
  expect(powers.reduce((sum, p) => sum + p, 0)).toBeCloseTo(pTotal, 2);
  if (samples[0]!.format.neutralMeasured) expect(rms(samples.map(({ neutral }) => neutral))).toBeCloseTo(inRms, 4);
  else expect(samples.every(({ neutral }) => Number.isNaN(neutral))).toBe(true);
}

given('recordings of an S1 port', () => {
  it.each(['spec-example-single-phase.bin', 'invalid-samples-flag.bin', 'extremes.bin'])('%s', (file) => {
    const decoded = expectedOf(file) as Decoded;
    const { samples, counts } = read(file);
    expect(samples).toHaveLength(1);
    expectSample(samples[0]!, decoded);
    expect(counts).toEqual({ ...NOTHING_WRONG, frames: 1, invalid: decoded.info.samplesValid ? 0 : 1 });
  });

  it.each(['three-phase-one-cycle.bin', 'three-phase-one-second.bin', 'three-wire-delta.bin'])('%s', (file) => {
    const expected = expectedOf(file) as { frames: number; cycle?: Cycle; stat?: Cycle; info?: Partial<Info> };
    const { samples, counts } = read(file);
    expect(samples).toHaveLength(expected.frames);
    expect(counts).toEqual({ ...NOTHING_WRONG, frames: expected.frames });
    expect(samples.map(({ place }) => place)).toEqual(samples.map((_, n) => n));
    expectCycle(samples, (expected.cycle ?? expected.stat)!);
    if (expected.info)
      expect(samples[0]!.format).toMatchObject({
        phases: expected.info.polyphase ? 3 : 1,
        wires: expected.info.fourWire ? 4 : 3,
        neutralMeasured: expected.info.neutralMeasured,
      });
  });

  it('flag-bytes-in-payload.bin', () => {
    const { frames, decoded } = expectedOf('flag-bytes-in-payload.bin') as { frames: number; decoded: Decoded[] };
    const { samples, counts } = read('flag-bytes-in-payload.bin');
    decoded.forEach((each, n) => expectSample(samples[n]!, each));
    // numbers 126, 125, 94
    expect(counts).toEqual({ ...NOTHING_WRONG, frames, gaps: 2, missing: 254 + 224 });
  });

  it.each([
    ['false-start-in-meter-id.bin', {}],
    // the closing flag of one frame opens the next
    ['shared-flags.bin', { sharedFlags: 4 }],
    // 45 - 17 bytes of the frame in which it starts
    ['start-mid-frame.bin', { skippedBytes: 28 }],
  ])('%s', (file, counted) => {
    const { frames } = expectedOf(file) as { frames: number };
    const { samples, counts } = read(file);
    expect(samples).toHaveLength(frames);
    expect(counts).toEqual({ ...NOTHING_WRONG, ...counted, frames });
  });

  it('lost-corrupt-garbage.bin', () => {
    const { goodFrames, lostBySequence, gaps } = expectedOf('lost-corrupt-garbage.bin') as {
      goodFrames: number;
      lostBySequence: number;
      gaps: { after: number; missing: number }[];
    };
    const { samples, counts } = read('lost-corrupt-garbage.bin');
    expect(samples).toHaveLength(goodFrames);
    expect(samples.filter(({ lostBefore }) => lostBefore > 0).map(({ place, lostBefore }) => ({ after: place - lostBefore - 1, missing: lostBefore }))).toEqual(gaps); // prettier-ignore
    // a frame with a flipped bit, one cut short, 5 bytes of garbage
    const damaged = { badFcs: 1, cut: 1, skippedBytes: 45 + 38 + 5 };
    const missing = gaps.reduce((sum, gap) => sum + gap.missing, 0);
    expect(counts).toEqual({ ...NOTHING_WRONG, ...damaged, frames: goodFrames, gaps: gaps.length, missing });
    expect(counts.missing - counts.badFcs - counts.cut).toBe(lostBySequence);
  });

  it('per-second-4000hz.bin', () => {
    const { frames, samplingHz } = expectedOf('per-second-4000hz.bin') as { frames: number; samplingHz: number };
    const { samples, counts } = read('per-second-4000hz.bin');
    expect(counts).toEqual({ ...NOTHING_WRONG, frames });
    expect(new Set(samples.map(({ rate }) => rate))).toEqual(new Set([samplingHz]));
  });

  it('format-version-1.bin', () => {
    const { samples, counts } = read('format-version-1.bin');
    expect(samples).toEqual([]);
    expect(counts).toEqual({ ...NOTHING_WRONG, frames: 0, unknownVersion: 1 });
  });

  it('give the same in pieces of any size', () => {
    const { vectors } = JSON.parse(readFileSync(join(DATA, 'vectors.json'), 'utf8')) as { vectors: { file: string }[] };
    for (const { file } of vectors) {
      const whole = JSON.stringify(read(file));
      // text: thousands of objects take the matcher seconds
      for (const piece of [1, 7, 44, 45, 46, 4096]) expect(JSON.stringify(read(file, piece)) === whole).toBe(true);
    }
  });
});

describe('damaged S1 streams', () => {
  it('give no sample but of frames with a right check sequence, and tell of every byte', () => {
    const { frames, wrong, untold } = fuzzS1(2_000_000, 1);
    expect(frames).toBeGreaterThan(5_000);
    expect({ wrong, untold }).toEqual({ wrong: 0, untold: 0 });
  });
});
