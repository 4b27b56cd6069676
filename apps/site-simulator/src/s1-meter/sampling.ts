import type { S1Format } from '@smx-edge/protocols/s1';

export const CONNECTIONS = ['three-phase', 'three-wire', 'single-phase'] as const;
/** How the house is connected: three phases and neutral, three phases of 230 V between each other, or one phase. */
export type Connection = (typeof CONNECTIONS)[number];

export interface SamplingOptions {
  readonly connection: Connection;
  /** Samples in a period of the mains, 40 … 84; absent, the meter samples by its own clock. */
  readonly samplesPerPeriod?: number;
  /** Samples in a second, 2000 … 4200 in steps of 100, where it samples by its own clock. */
  readonly samplesPerSecond?: number;
  /** Whether it measures the neutral. */
  readonly neutral: boolean;
  /** Up to 14 characters after DIN 43863-5. */
  readonly meterId: string;
}

const NOMINAL = 50;
/** Highest order of a harmonic in any wave. */
export const HIGHEST_ORDER = 40;

export function formatOf({
  connection,
  samplesPerPeriod,
  samplesPerSecond,
  neutral,
  meterId,
}: SamplingOptions): S1Format {
  return {
    meterId,
    phases: connection === 'single-phase' ? 1 : 3,
    wires: connection === 'single-phase' ? 2 : connection === 'three-wire' ? 3 : 4,
    neutralMeasured: neutral && connection !== 'three-wire',
    samplesPerPeriod: samplesPerPeriod ?? null,
    samplesPerSecond: samplesPerPeriod === undefined ? (samplesPerSecond ?? null) : null,
  };
}

/** Highest order that the filter before the sampling of a real meter would let pass: below half the rate, the mains being fast. */
export function highestOrder({ samplesPerPeriod, samplesPerSecond }: S1Format): number {
  const perPeriod = samplesPerPeriod ?? (samplesPerSecond ?? 0) / (NOMINAL + 1);
  return Math.min(HIGHEST_ORDER, Math.ceil(perPeriod / 2) - 1);
}
