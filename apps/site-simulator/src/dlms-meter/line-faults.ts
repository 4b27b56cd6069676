import { ANSWER_TIMES, FaultBook, ONCE, type AnswerFault, type Fault, type FaultRules } from '../line/index.js';
import { SmxError } from '@smx-edge/model';

/**
 * What can be wrong with a DLMS meter besides: a release with wrong lengths (`release`), frames numbered 0 for ever (`stuck`),
 * an association that a cut does not end (`held`), a counter of the reader that is thought too low (`counter`).
 */
export type DlmsFault = AnswerFault | 'release' | 'stuck' | 'held' | 'counter';

export const DLMS_FAULTS = {
  kinds: ['silence', 'noise', 'cut', 'power', 'drip', 'delay', 'echo', 'release', 'stuck', 'held', 'counter', 'restart', 'clock'], // prettier-ignore
  counted: 'answers',
  times: { ...ANSWER_TIMES, held: 30_000 },
  once: ONCE,
} as const satisfies FaultRules<DlmsFault>;

/** Faults of lines of bytes, which a network lets through to nobody. */
const OF_HDLC: readonly DlmsFault[] = ['noise', 'stuck', 'echo'];

/** The faults of one DLMS meter. */
export class DlmsFaults extends FaultBook<DlmsFault> {
  constructor(
    seed: number,
    private readonly framing: 'hdlc' | 'wrapper',
  ) {
    super(seed, DLMS_FAULTS);
  }

  override set(fault: Fault<DlmsFault>): void {
    if (this.framing === 'wrapper' && OF_HDLC.includes(fault.kind))
      throw new SmxError(
        'SMX_SIMULATOR_SETPOINT',
        `The fault "${fault.kind}" is of HDLC lines; this meter is on the network`,
      );
    super.set(fault);
  }
}
