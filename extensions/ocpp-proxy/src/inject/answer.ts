import type { InjectionAnswer } from '../relay/circuit.js';

/** What the call `inject` answers: of `payload` and `code` the one that belongs to the status, and what explains it. */
export interface InjectAnswer {
  readonly status: InjectionAnswer['status'];
  /** Of a CALLRESULT. */
  readonly payload?: unknown;
  /** Of a CALLERROR, or of this box where it begins with SMX_. */
  readonly code?: string;
  readonly text?: string;
  /** Where nothing was sent: from when it may be, ms UTC. */
  readonly notBefore?: number;
  /** Whether it was sent: what was may have been carried out all the same. */
  readonly wasSent?: boolean;
}

export function answered(answer: InjectionAnswer): InjectAnswer {
  if (answer.status === 'ok') return { status: 'ok', payload: answer.payload };
  if (answer.status === 'error')
    return { status: 'error', code: answer.code, ...(answer.description !== '' && { text: answer.description }) };
  return { status: answer.status, wasSent: answer.wasSent };
}
