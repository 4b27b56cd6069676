import type { Setting } from './options.js';

/** Samples of a stretch of time, each channel in an array of its own. */
export interface SampleBlock {
  /** V: L1, L2, L3; a single-phase meter gives the first alone. With 3 wires L1-L2, anything, L3-L2. */
  readonly voltage: readonly Float64Array[];
  /** A: L1, L2, L3 and, where it is measured, the neutral. Positive is consumption. */
  readonly current: readonly Float64Array[];
  /** How many samples of each array count. */
  readonly count: number;
  /** Samples that were lost just before this block, or came without being valid. */
  readonly lost: number;
  /** ms UTC of the first sample. */
  readonly time: number;
  /** Samples per second where it is not that of the options: a meter that samples per period follows the mains. */
  readonly rate?: number;
}

/** Where channels stand in the store: three voltages, three currents, the neutral. */
export const CURRENT_1 = 3;
export const NEUTRAL = 6;
const CHANNELS = 7;
/** Seconds kept: two windows that overlap at a tick, and what the mains filter looks at around a crossing. */
const KEPT = 1;

/**
 * The last second of samples. A sample has a position that rises for ever; `base` is the position of index 0. The seventh
 * channel is followed by the reference whose zero crossings are the cycles.
 */
export class SampleStore {
  readonly channels: readonly Float64Array[];
  /**
   * The α component (2·u1 - u2 - u3)/3: in phase with L1, and still there while one phase is interrupted. So the cycles of
   * all phases have the same boundaries.
   */
  readonly reference: Float64Array;
  /** 1 where a sample was lost and what stands there is the cycle before. */
  readonly lost: Uint8Array;
  readonly capacity: number;
  length = 0;
  base = 0;
  hasNeutral = false;
  /** Position after the last lost sample. */
  lostUntil = 0;
  /** Positions of the last long loss, and those that follow each other within two periods. */
  private repeatedFrom = -1;
  private repeatedUntil = -1;

  /** What is appended of a block. */
  private from = 0;
  private to = 0;
  private readonly isSingle: boolean;
  private readonly isThreeWire: boolean;

  constructor({ rate, wiring }: Setting) {
    this.capacity = 2 * Math.ceil(rate * KEPT);
    this.channels = Array.from({ length: CHANNELS }, () => new Float64Array(this.capacity));
    this.reference = new Float64Array(this.capacity);
    this.lost = new Uint8Array(this.capacity);
    this.isSingle = wiring === 'single';
    this.isThreeWire = wiring === '3-wire';
  }

  /** Position after the last sample. */
  get end(): number {
    return this.base + this.length;
  }

  /** Appends the samples `from` … `to` - 1 of a block; there must be room. */
  append(block: SampleBlock, from: number, to: number): void {
    const { voltage, current } = block;
    const phases = this.isSingle ? 1 : 3;
    this.from = from;
    this.to = to;
    for (let k = 0; k < phases; k++) {
      this.copy(voltage[k]!, this.channels[k]!);
      this.copy(current[k]!, this.channels[CURRENT_1 + k]!);
    }
    const neutral = current[phases];
    this.hasNeutral = neutral !== undefined;
    if (neutral !== undefined) this.copy(neutral, this.channels[NEUTRAL]!);
    this.lost.fill(0, this.length, this.length + to - from);
    this.refer(this.length, this.length + to - from);
    this.length += to - from;
  }

  /**
   * Puts what stood one period ago in the place of lost samples, so that no loss looks like a dip. `isLong`: nothing is left of
   * the stretch that could tell whether it went on so.
   */
  repeat(count: number, period: number, isLong: boolean): void {
    if (isLong && this.end - this.repeatedUntil > 2 * period) this.repeatedFrom = this.end;
    const back = Math.round(period);
    for (let n = 0; n < count; n++, this.length++) {
      for (const channel of this.channels) channel[this.length] = this.length < back ? 0 : channel[this.length - back]!;
      this.reference[this.length] = this.length < back ? 0 : this.reference[this.length - back]!;
      this.lost[this.length] = 1;
    }
    this.lostUntil = this.end;
    if (isLong) this.repeatedUntil = this.end;
  }

  /** Bends the `count` repeated samples before the last `after` ones so that they meet their neighbours, which may be those of a dip. */
  smooth(count: number, after: number, period: number): void {
    const gap = { first: this.length - after - count, count, back: Math.round(period) };
    for (const channel of this.channels) bend(channel, gap);
    bend(this.reference, gap);
  }

  /** Whether what stands in some of a span is only the period before it. */
  isRepeated({ from, to }: { readonly from: number; readonly to: number }): boolean {
    return from < this.repeatedUntil && to > this.repeatedFrom;
  }

  /** Forgets what is before a position. */
  forget(before: number): void {
    const drop = Math.max(0, Math.min(Math.floor(before) - this.base, this.length));
    for (const channel of this.channels) channel.copyWithin(0, drop, this.length);
    this.reference.copyWithin(0, drop, this.length);
    this.lost.copyWithin(0, drop, this.length);
    this.length -= drop;
    this.base += drop;
  }

  /** Forgets everything; the next sample has the position `at`. */
  restart(at: number): void {
    this.length = 0;
    this.base = at;
    this.lostUntil = at;
  }

  /** Lost samples from one position to another. */
  lostBetween({ from, to }: { readonly from: number; readonly to: number }): number {
    if (from >= this.lostUntil) return 0;
    let lost = 0;
    const end = Math.min(Math.ceil(to) - this.base, this.length);
    for (let i = Math.max(0, Math.ceil(from) - this.base); i < end; i++) lost += this.lost[i]!;
    return lost;
  }

  private copy(source: Float64Array, target: Float64Array): void {
    const { from, to } = this;
    const shift = this.length - from;
    for (let i = from; i < to; i++) target[i + shift] = source[i]!;
  }

  private refer(from: number, to: number): void {
    const { reference, isSingle, isThreeWire } = this;
    const [u1, u2, u3] = this.channels as [Float64Array, Float64Array, Float64Array];
    if (isSingle) for (let i = from; i < to; i++) reference[i] = u1[i]!;
    else if (isThreeWire)
      for (let i = from; i < to; i++) {
        reference[i] = (2 * u1[i]! - u3[i]!) / 3;
        // the third voltage between lines, which the meter does not send
        u2[i] = u3[i]! - u1[i]!;
      }
    else for (let i = from; i < to; i++) reference[i] = (2 * u1[i]! - u2[i]! - u3[i]!) / 3;
  }
}

/** Adds to repeated samples what their neighbours differ by from those a period before, in a straight line from one side to the other. */
function bend(channel: Float64Array, { first, count, back }: { first: number; count: number; back: number }): void {
  const before = channel[first - 1]! - channel[first - 1 - back]!;
  const after = channel[first + count]! - channel[first + count - back]!;
  for (let n = 0; n < count; n++) channel[first + n]! += before + ((after - before) * (n + 1)) / (count + 1);
}
