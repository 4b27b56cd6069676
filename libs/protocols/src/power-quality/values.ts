import { HIGHEST_ORDER } from './options.js';

/** Where quantities stand in a row of values. */
export const AT = {
  voltage: 0,
  current: 3,
  neutral: 6,
  active: 7,
  reactive: 10,
  apparent: 13,
  activeTotal: 16,
  reactiveTotal: 17,
  apparentTotal: 18,
  frequency: 19,
  negativeSequence: 20,
  zeroSequence: 21,
  voltageDistortion: 22,
  currentDistortion: 25,
  harmonics: 28,
  interharmonics: 28 + 6 * (HIGHEST_ORDER + 1),
} as const;

/** Orders 0 … 50 of one channel. */
export const SPECTRUM = HIGHEST_ORDER + 1;
export const ROW = AT.interharmonics + 6 * SPECTRUM;

/**
 * What is measured of a cycle, a window of 10 or 12 cycles, or an interval made of windows. NaN is what is not known. The
 * arrays are the same ones each time: whoever keeps them copies them.
 */
export class Values {
  /** All of them in one row: 28 quantities, then 51 orders of each voltage and each current, then what lies after each order. */
  readonly row = new Float64Array(ROW).fill(NaN);
  /** V, RMS (IEC 61000-4-30 §5.2): L1, L2, L3 to neutral; with 3 wires L1-L2, L3-L1, L3-L2. */
  readonly voltage = this.part(AT.voltage);
  /** A, RMS (§5.13). */
  readonly current = this.part(AT.current);
  /** W; positive is consumption. Of three wires only the first and the last, against L2, which make the total. */
  readonly active = this.part(AT.active);
  /** var of the fundamental (IEEE 1459 §3.1.2.5): positive where the current lags. */
  readonly reactive = this.part(AT.reactive);
  /** VA: U·I. */
  readonly apparent = this.part(AT.apparent);
  /** Shares of the fundamental: distortion by subgroups, THDS (IEC 61000-4-7 §3.3). */
  readonly voltageDistortion = this.part(AT.voltageDistortion);
  readonly currentDistortion = this.part(AT.currentDistortion);
  /** V and A, RMS, of the subgroups of orders 0 … 50 (IEC 61000-4-7 §5.6); NaN beyond `orders`. */
  readonly voltageHarmonics = [0, 1, 2].map((k) => this.part(AT.harmonics + k * SPECTRUM, SPECTRUM));
  readonly currentHarmonics = [3, 4, 5].map((k) => this.part(AT.harmonics + k * SPECTRUM, SPECTRUM));
  /** V and A, RMS, of the interharmonic centred subgroups: entry n lies between orders n and n + 1 (IEC 61000-4-7 Annex A). */
  readonly voltageInterharmonics = [0, 1, 2].map((k) => this.part(AT.interharmonics + k * SPECTRUM, SPECTRUM));
  readonly currentInterharmonics = [3, 4, 5].map((k) => this.part(AT.interharmonics + k * SPECTRUM, SPECTRUM));
  /** Highest order that the sample rate carried, 0 where harmonics were not measured. */
  orders = 0;
  /** ms UTC. */
  start = NaN;
  end = NaN;
  cycles = 0;
  /** Share of samples that were lost. */
  lost = NaN;
  /** Whether all its crossings were seen. */
  isSynced = false;
  /** A dip, a swell or an interruption lies within: IEC 61000-4-30 §4.7 flags it, so that it counts once. */
  isFlagged = false;

  /** A, RMS, of the neutral; NaN where it is not measured. */
  get neutral(): number {
    return this.row[AT.neutral]!;
  }

  /** W of all phases. */
  get activeTotal(): number {
    return this.row[AT.activeTotal]!;
  }

  /** var of the fundamental of all phases. */
  get reactiveTotal(): number {
    return this.row[AT.reactiveTotal]!;
  }

  /** VA: the sum over phases; of three wires the effective apparent power (IEEE 1459 §3.2.2.8). */
  get apparentTotal(): number {
    return this.row[AT.apparentTotal]!;
  }

  /** Hz, from zero crossings (IEC 61000-4-30 §5.1). */
  get frequency(): number {
    return this.row[AT.frequency]!;
  }

  /** Negative and zero sequence as shares of the positive (IEC 61000-4-30 §5.7). */
  get negativeSequence(): number {
    return this.row[AT.negativeSequence]!;
  }

  get zeroSequence(): number {
    return this.row[AT.zeroSequence]!;
  }

  /** P/S of one phase, or of all. */
  factor(phase?: number): number {
    if (phase === undefined) return this.activeTotal / this.apparentTotal;
    return this.active[phase]! / this.apparent[phase]!;
  }

  private part(at: number, length = 3): Float64Array {
    return this.row.subarray(at, at + length);
  }
}
