/** Limits of EN 50160 (2010) for low voltage in synchronous grids, as shares of what they are related to. */

/** §4.2.2.2: of the declared voltage; RMS of 10 min. */
export const VOLTAGE_MOSTLY = [0.9, 1.1] as const;
export const VOLTAGE_ALWAYS = [0.85, 1.1] as const;
/** §4.2.1: of the nominal frequency; means of 10 s. */
export const FREQUENCY_MOSTLY = [0.99, 1.01] as const;
export const FREQUENCY_ALWAYS = [0.94, 1.04] as const;
/** §4.2.3.2: Plt. */
export const FLICKER = 1;
/** §4.2.4: negative over positive sequence. */
export const UNBALANCE = 0.02;
/** §4.2.5: total distortion. */
export const DISTORTION = 0.08;

/** §4.2.5, table 1: orders 2 … 25, of the fundamental. Those above 25 are small and have no limit. */
export const HARMONICS: ReadonlyMap<number, number> = new Map([
  ...[6, 8, 10, 12, 14, 16, 18, 20, 22, 24].map((order) => [order, 0.005] as const),
  [2, 0.02],
  [3, 0.05],
  [4, 0.01],
  [5, 0.06],
  [7, 0.05],
  [9, 0.015],
  [11, 0.035],
  [13, 0.03],
  [15, 0.005],
  [17, 0.02],
  [19, 0.015],
  [21, 0.005],
  [23, 0.015],
  [25, 0.015],
]);

/** Shares of a week that limits must hold for; frequency has its own (of a year in the standard). */
export const MOSTLY = 0.95;
export const FREQUENCY_SHARE = 0.995;
export const ALWAYS = 1;
