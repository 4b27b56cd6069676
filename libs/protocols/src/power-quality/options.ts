/** How the meter is wired. `3-wire` measures against L2: its voltages are L1-L2 and L3-L2, its channel 2 is 0 V. */
export type Wiring = 'single' | '3-wire' | '4-wire';

/** What the analyser must know of the place it measures at. */
export interface PowerQualityOptions {
  readonly wiring: Wiring;
  /** Samples per second, 2,000 to 16,000. */
  readonly rate: number;
  /** Nominal frequency. Default 50 Hz. */
  readonly nominal?: 50 | 60;
  /** Declared voltage in V between what a voltage channel measures; default 230 for each wiring. */
  readonly declared?: number;
  readonly thresholds?: Partial<EventThresholds>;
}

/** Thresholds of events as shares of the declared voltage. */
export interface EventThresholds {
  /** IEC 61000-4-30 §5.4.2: a dip begins below. */
  readonly dip: number;
  /** §5.4.3: a swell begins above. */
  readonly swell: number;
  /** §5.5.1: an interruption is when all phases are below. */
  readonly interruption: number;
  /** What a value must be beyond its threshold before its event ends (§5.4.2.1 names 2 %). */
  readonly hysteresis: number;
  /** §5.11: a rapid voltage change leaves the mean of the last second by more. */
  readonly rapidChange: number;
  /** §5.11: it ends when a second of values is within this much of its mean. */
  readonly rapidChangeEnd: number;
}

/** What EN 50160 §4.3.2 and IEC 61000-4-30 name as usual. */
export const USUAL_THRESHOLDS: EventThresholds = {
  dip: 0.9,
  swell: 1.1,
  interruption: 0.05,
  hysteresis: 0.02,
  rapidChange: 0.05,
  rapidChangeEnd: 0.025,
};

/** The options with nothing left open. */
export interface Setting extends Required<PowerQualityOptions> {
  readonly thresholds: EventThresholds;
  readonly phases: 1 | 3;
  /** Cycles of the basic window: 10 at 50 Hz, 12 at 60 Hz (IEC 61000-4-30 §4.4). */
  readonly windowCycles: 10 | 12;
  /** Highest order of harmonics that the sample rate carries, at most 50: 25 at 2,600 Hz. */
  readonly orders: number;
}

/** Share of half the sample rate up to which harmonics are told: beyond it the interpolation cannot tell them apart. */
const USABLE_BAND = 0.985;
export const HIGHEST_ORDER = 50;

export function settingOf(options: PowerQualityOptions): Setting {
  const { rate, wiring, nominal = 50, declared = 230, thresholds } = options;
  const windowCycles = nominal === 50 ? 10 : 12;
  return {
    ...{ rate, wiring, nominal, declared, windowCycles },
    thresholds: { ...USUAL_THRESHOLDS, ...thresholds },
    phases: wiring === 'single' ? 1 : 3,
    orders: ordersOf((rate * windowCycles) / nominal, windowCycles),
  };
}

/** Orders whose subgroup of three lines (IEC 61000-4-7 §5.6) lies within the band of `samples` in `cycles`. */
export function ordersOf(samples: number, cycles: number): number {
  return Math.min(HIGHEST_ORDER, Math.floor((USABLE_BAND * samples * 0.5 - 1) / cycles));
}
