import type { FaultRules } from '../line/index.js';

/**
 * What can be wrong with an S1 line, of so many frames: they are lost (`loss`), have a wrong check sequence (`crc`), end too
 * early (`cut`), have nonsense before them (`noise`), or the meter says itself that the sample is corrupt (`invalid`).
 */
export const S1_FAULTS = {
  kinds: ['loss', 'crc', 'cut', 'noise', 'invalid'],
  counted: 'telegrams',
  times: {},
  once: [],
} as const satisfies FaultRules;
export type S1Fault = (typeof S1_FAULTS.kinds)[number];
