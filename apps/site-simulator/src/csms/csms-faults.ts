import type { FaultRules } from '../line/index.js';

/** What can be wrong with a back end: answers that come late (`delay`), not at all (`silence`), or as a CALLERROR (`error`). */
export type CsmsFault = (typeof KINDS)[number];

const KINDS = ['silence', 'error', 'delay'] as const;

export const CSMS_FAULTS = {
  kinds: KINDS,
  counted: 'answers',
  times: { delay: 1000 },
  once: [],
} as const satisfies FaultRules<CsmsFault>;
