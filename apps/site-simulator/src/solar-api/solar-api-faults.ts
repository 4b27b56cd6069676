import type { FaultRules } from '../line/index.js';

/**
 * What can be wrong with the Solar API: nobody answers (`silence`), an answer comes late (`delay`), ends in its middle (`cut`), is a
 * web page (`html`) or one that says the API is off (`off`), has an inverter that did not answer its logger (`lost`, status 8), ends
 * in NUL bytes (`nul`), has no powers as by night (`night`), or other names for what the meter says (`renamed`). A `clock` that is off.
 */
export type SolarApiFault = (typeof KINDS)[number];

const KINDS = ['silence', 'cut', 'delay', 'html', 'off', 'lost', 'nul', 'night', 'renamed', 'clock'] as const;

export const SOLAR_API_FAULTS = {
  kinds: KINDS,
  counted: 'answers',
  times: { delay: 1000 },
  once: ['cut'],
} as const satisfies FaultRules<SolarApiFault>;
