import { ANSWER_TIMES, ONCE, type AnswerFault, type FaultRules } from '../line/index.js';

/**
 * What can be wrong with a meter of IEC 62056-21 besides: it shows parity bits (`parity`), a block has a wrong check (`check`),
 * a command is not understood (`nak`), an answer comes at half the speed that was agreed on (`baud`).
 */
export type IecFault = AnswerFault | 'parity' | 'check' | 'nak' | 'baud';

export const IEC_FAULTS = {
  kinds: ['silence', 'noise', 'cut', 'power', 'drip', 'delay', 'echo', 'parity', 'check', 'nak', 'baud', 'restart', 'clock'], // prettier-ignore
  counted: 'answers',
  times: ANSWER_TIMES,
  once: ONCE,
} as const satisfies FaultRules<IecFault>;
