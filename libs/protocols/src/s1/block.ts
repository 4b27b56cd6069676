import { samplingRate, type S1Format } from './format.js';
import { STEPS_PER_HERTZ } from './frame.js';

/** Samples of one channel, in volt or ampere. */
export type Channel = Float64Array;

/** A value for each phase. */
export type PerPhase<T> = readonly [T, T, T];

/**
 * Consecutive samples of one format. Between a block and the next nothing is missing but what `lostBefore` of the next says.
 * Arrays hold `count` samples; what the meter does not measure is NaN in all of them. Positive current is as the meter counts
 * it, which no published text says: compare the power with the P1 port.
 */
export interface S1Block {
  readonly format: S1Format;
  /** Place of the first sample among all since the first one that came, those that are missing included. */
  readonly first: number;
  readonly count: number;
  /** Samples that are missing directly before the first one. */
  readonly lostBefore: number;
  /** False where the meter says of each of these samples that it is corrupt. */
  readonly valid: boolean;
  /** Frequency of the mains in Hz as the meter has it at the last sample; null where it tells none. */
  readonly frequency: number | null;
  /** Samples in a second, in Hz, at that frequency; null where the meter does not tell. */
  readonly rate: number | null;
  /** Volt to neutral; without a neutral, to phase 2. */
  readonly voltage: PerPhase<Channel>;
  /** Ampere. */
  readonly current: PerPhase<Channel>;
  /** Ampere in the neutral. */
  readonly neutral: Channel;
}

/** The block that is being filled. */
export class BlockUnderWay implements S1Block {
  first = 0;
  count = 0;
  lostBefore = 0;
  valid = true;
  /** mHz of the mains; 0 where the meter tells none. */
  mains = 0;
  readonly voltage: PerPhase<Channel>;
  readonly current: PerPhase<Channel>;
  readonly neutral: Channel;

  constructor(
    readonly samples: number,
    public format: S1Format,
  ) {
    const channel = (): Channel => new Float64Array(samples).fill(NaN);
    this.voltage = [channel(), channel(), channel()];
    this.current = [channel(), channel(), channel()];
    this.neutral = channel();
  }

  // made when asked for: kept, they would be a number on the heap for each block
  get frequency(): number | null {
    return this.mains > 0 ? this.mains / STEPS_PER_HERTZ : null;
  }

  get rate(): number | null {
    return samplingRate(this.format, this.frequency);
  }

  /** The samples to come are of another format. */
  begin(format: S1Format): void {
    this.format = format;
    for (const channel of [...this.voltage, ...this.current, this.neutral]) channel.fill(NaN);
  }
}
