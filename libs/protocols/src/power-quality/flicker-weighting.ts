import { bilinear, butterworth6, gainAt, type Section } from './biquad.js';
import type { Setting } from './options.js';

/** Lamp, eye and brain of a filament lamp (IEC 61000-4-15, block 3): frequencies in Hz. */
interface Lamp {
  readonly gain: number;
  readonly damping: number;
  readonly peak: number;
  readonly zero: number;
  readonly poles: readonly [number, number];
}

/** Of 230 V and 60 W: the values of the standard. That of 120 V is for another lamp; a box here never meets one. */
const LAMP: Lamp = { gain: 1.74802, damping: 4.05981, peak: 9.15494, zero: 2.27979, poles: [1.22535, 21.9] };
const HIGH_PASS = 0.05;
const LOW_PASS = { 50: 35, 60: 42 } as const;
/** Time constant of block 4. */
const SMOOTHING_S = 0.3;
/** A sinusoidal change of this share, peak to peak, at this frequency is where Pinst is 1 (table 1). */
const REFERENCE = { frequency: 8.8, change: 0.0025 } as const;

/** What block 3 and block 4 of the flickermeter compute with. */
export interface FlickerFilter {
  readonly sections: readonly Section[];
  /** Share of the new value in the smoothed one, per sample. */
  readonly smoothing: number;
  /** Makes Pinst of the smoothed square. */
  readonly scale: number;
}

export function flickerFilter({ rate, nominal }: Setting): FlickerFilter {
  const [hp, w1, w2, w3, w4] = [HIGH_PASS, LAMP.peak, LAMP.zero, ...LAMP.poles].map((hz) => 2 * Math.PI * hz) as [
    ...[number, number, number, number, number],
  ];
  const sections: readonly Section[] = [
    bilinear([0, 1, 0], [0, 1, hp], rate),
    ...butterworth6(LOW_PASS[nominal], rate),
    bilinear([0, LAMP.gain * w1, 0], [1, 4 * Math.PI * LAMP.damping, w1 * w1], rate),
    bilinear([0, 1 / w2, 1], [1 / (w3 * w4), 1 / w3 + 1 / w4, 1], rate),
  ];
  // the square of a sine has its mean and a ripple of twice its frequency, of which smoothing leaves some
  const amplitude = REFERENCE.change * gainAt(sections, REFERENCE.frequency, rate);
  const ripple = 1 / Math.hypot(1, 4 * Math.PI * REFERENCE.frequency * SMOOTHING_S);
  const peak = (amplitude ** 2 / 2) * (1 + ripple);
  return { sections, smoothing: 1 - Math.exp(-1 / (rate * SMOOTHING_S)), scale: 1 / peak };
}
