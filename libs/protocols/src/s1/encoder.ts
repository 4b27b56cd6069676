import { fcs16 } from '../hdlc/fcs16.js';
import type { S1Format } from './format.js';
import {
  CLOSING,
  FCS,
  FLAG,
  FOUR_WIRE,
  FREQUENCY,
  HEADER,
  HERTZ_PER_SAMPLING_STEP,
  INFO,
  METER_ID,
  METER_ID_LENGTH,
  NEUTRAL,
  NEUTRAL_MEASURED,
  PER_PERIOD,
  PHASES,
  POLYPHASE,
  S1_FRAME_LENGTH,
  SAMPLES_VALID,
  SAMPLING,
  SEQUENCE,
  STEPS_PER_AMPERE,
  STEPS_PER_HERTZ,
  STEPS_PER_VOLT,
} from './frame.js';

/** What a meter measured at one instant. The caller may fill the same object anew for each frame. */
export interface S1Sample {
  /** Of the mains, in Hz. */
  readonly frequency: number;
  /** Volt by phase; those that the format does not have are not looked at. */
  readonly voltage: ArrayLike<number>;
  /** Ampere by phase. */
  readonly current: ArrayLike<number>;
  /** Ampere in the neutral. */
  readonly neutral: number;
  /** False where the meter knows these samples to be corrupt. */
  readonly valid: boolean;
}

/** Makes the frames of a meter. What is beyond full scale (±819 V, ±8388 A) is clipped; what is no number makes the sample invalid. */
export class S1Encoder {
  /** Number of the next frame, 0 … 255. */
  sequence = 0;
  private readonly frame = new Uint8Array(S1_FRAME_LENGTH);
  private readonly info: number;
  private readonly phases: number;
  private readonly neutralMeasured: boolean;
  private finite = true;

  constructor(format: S1Format) {
    const { meterId, phases, wires, neutralMeasured, samplesPerPeriod, samplesPerSecond } = format;
    this.phases = phases;
    this.neutralMeasured = neutralMeasured;
    this.info =
      (phases === 3 ? POLYPHASE : 0) |
      (samplesPerPeriod === null ? 0 : PER_PERIOD) |
      (wires === 4 ? FOUR_WIRE : 0) |
      (neutralMeasured ? NEUTRAL_MEASURED : 0);
    this.frame.set(HEADER);
    const id = Buffer.from(meterId ?? '', 'latin1').subarray(0, METER_ID_LENGTH);
    this.frame.set(id, METER_ID);
    this.frame[SAMPLING] = samplesPerPeriod ?? (samplesPerSecond ?? 0) / HERTZ_PER_SAMPLING_STEP;
    this.frame[CLOSING] = FLAG;
  }

  /** Writes the next frame, 45 bytes, at `at`; one byte earlier, it shares the flag of the frame before. Returns where it ends. */
  write(into: Uint8Array, at: number, sample: S1Sample): number {
    const { frame } = this;
    this.finite = sample.valid;
    put16(frame, FREQUENCY, Math.min(0xffff, this.steps(sample.frequency * STEPS_PER_HERTZ)));
    frame[SEQUENCE] = this.sequence;
    this.sequence = (this.sequence + 1) & 0xff;
    for (let phase = 0; phase < this.phases; phase++) {
      const offset = PHASES + 5 * phase;
      put16(frame, offset, clip(this.steps(sample.voltage[phase]! * STEPS_PER_VOLT), 0x7fff));
      put24(frame, offset + 2, clip(this.steps(sample.current[phase]! * STEPS_PER_AMPERE), 0x7fffff));
    }
    if (this.neutralMeasured) put24(frame, NEUTRAL, clip(this.steps(sample.neutral * STEPS_PER_AMPERE), 0x7fffff));
    frame[INFO] = this.info | (this.finite ? SAMPLES_VALID : 0);
    put16(frame, FCS, swapped(fcs16(frame, 1, FCS)));
    for (let i = 0; i < S1_FRAME_LENGTH; i++) into[at + i] = frame[i]!;
    return at + S1_FRAME_LENGTH;
  }

  private steps(value: number): number {
    const steps = Math.round(value);
    // NaN alone differs from itself
    if (steps === steps) return steps;
    this.finite = false;
    return 0;
  }
}

function clip(value: number, most: number): number {
  return value > most ? most : value < -most - 1 ? -most - 1 : value;
}

function swapped(value: number): number {
  return ((value & 0xff) << 8) | (value >> 8);
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}

function put24(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 16;
  bytes[at + 1] = value >> 8;
  bytes[at + 2] = value;
}
