import type { InjectionAnswer } from '../relay/circuit.js';

export type Payload = Readonly<Record<string, unknown>>;

/** Of an answer; empty where it has none. */
export const payloadOf = (answer: InjectionAnswer): Payload =>
  answer.status === 'ok' && typeof answer.payload === 'object' ? (answer.payload as Payload) : {};
