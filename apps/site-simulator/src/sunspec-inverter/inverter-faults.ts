import { ANSWER_TIMES, ONCE, type AnswerFault, type FaultRules } from '../line/index.js';

/**
 * What can be wrong with an inverter on Modbus besides. An answer has the transaction or the unit of another (`transaction`,
 * `unit`), or is no Modbus (`garbage`). A request is refused as `busy` (exception 6), a write as `locked` (exception 4); a write is
 * answered as if it was taken and is not (`ignore`), or is cut to half (`clamp`). A read gives the inverter's model full of zeros
 * with state 7 (`null-frame`), or the night's values (`sleep`); moving scale factors are another one each time (`scale`), the counter
 * of the battery's idle way shows 0 (`idle-counter`). The chain is one of floats where it was one of integers, and back
 * (`model-type`), or has one tracker more (`tracker`): what stands behind moves.
 */
export type InverterFault =
  | Exclude<AnswerFault, 'noise' | 'echo' | 'clock'>
  | (typeof READ_FAULTS)[number]
  | (typeof LAYOUT_FAULTS)[number]
  | (typeof WRITE_FAULTS)[number]
  | 'transaction'
  | 'unit'
  | 'garbage'
  | 'busy';

export const READ_FAULTS = ['null-frame', 'sleep', 'scale', 'idle-counter'] as const;
/** Of reads and writes alike. */
const LAYOUT_FAULTS = ['model-type', 'tracker'] as const;
export const WRITE_FAULTS = ['locked', 'ignore', 'clamp'] as const;

export const INVERTER_FAULTS = {
  kinds: ['silence', 'cut', 'power', 'drip', 'delay', 'transaction', 'unit', 'garbage', 'busy', ...WRITE_FAULTS, ...READ_FAULTS, ...LAYOUT_FAULTS, 'restart'], // prettier-ignore
  counted: 'answers',
  times: ANSWER_TIMES,
  once: ONCE,
} as const satisfies FaultRules<InverterFault>;
