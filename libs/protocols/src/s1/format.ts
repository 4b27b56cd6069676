import {
  FOUR_WIRE,
  HERTZ_PER_SAMPLING_STEP,
  INFO,
  METER_ID,
  METER_ID_LENGTH,
  NEUTRAL_MEASURED,
  PER_PERIOD,
  POLYPHASE,
  SAMPLING,
} from './frame.js';

/** What a meter says of its samples; the same in all frames until its connection is changed. */
export interface S1Format {
  /** DIN 43863-5 identification; null where the meter sends none (noughts) or what is no text. */
  readonly meterId: string | null;
  readonly phases: 1 | 3;
  /** 3: without a neutral, as on 3 × 230 V; phase 2 is the reference, so that its voltage is 0 and the two others are against it. */
  readonly wires: 2 | 3 | 4;
  readonly neutralMeasured: boolean;
  /** Samples in a period of the mains where the meter follows it, null where it samples by its own clock. */
  readonly samplesPerPeriod: number | null;
  /** Samples in a second, in Hz, where the meter samples by its own clock; null where it follows the mains. */
  readonly samplesPerSecond: number | null;
}

/** Format of the frame whose opening flag is at `at`. */
export function readFormat(bytes: Uint8Array, at: number): S1Format {
  const info = bytes[at + INFO]!;
  const sampling = bytes[at + SAMPLING]!;
  const polyphase = (info & POLYPHASE) !== 0;
  const perPeriod = (info & PER_PERIOD) !== 0;
  return {
    meterId: meterId(bytes, at + METER_ID),
    phases: polyphase ? 3 : 1,
    wires: !polyphase ? 2 : info & FOUR_WIRE ? 4 : 3,
    neutralMeasured: (info & NEUTRAL_MEASURED) !== 0,
    samplesPerPeriod: perPeriod ? sampling : null,
    samplesPerSecond: perPeriod ? null : sampling * HERTZ_PER_SAMPLING_STEP,
  };
}

/** Samples in a second, in Hz, at a frequency of the mains in Hz; null where the meter told neither. */
export function samplingRate({ samplesPerPeriod, samplesPerSecond }: S1Format, mains: number | null): number | null {
  const rate = samplesPerSecond ?? (samplesPerPeriod ?? 0) * (mains ?? 0);
  return rate > 0 ? rate : null;
}

function meterId(bytes: Uint8Array, from: number): string | null {
  let text = '';
  for (let i = from; i < from + METER_ID_LENGTH; i++) {
    const byte = bytes[i]!;
    if (byte < 0x20 || byte > 0x7e) return null;
    text += String.fromCharCode(byte);
  }
  return text.trim() || null;
}
