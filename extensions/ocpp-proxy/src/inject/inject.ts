import { spokenOn, type Circuit, type InjectedCall, type InjectionAnswer } from '../relay/circuit.js';
import { answered, type InjectAnswer } from './answer.js';
import type { Injections } from './injections.js';
import type { InjectionPace } from './pace.js';
import type { InjectionRate } from './rate.js';

/** Arguments of the call `inject`. */
export interface InjectArgs {
  readonly station: string;
  readonly action: string;
  readonly payload?: Readonly<Record<string, unknown>>;
}

export const INJECT_ARGS = {
  type: 'object',
  required: ['station', 'action'],
  additionalProperties: false,
  properties: {
    station: { type: 'string', minLength: 1, maxLength: 255 },
    action: { type: 'string', pattern: '^[A-Za-z][A-Za-z-]{0,49}$' },
    payload: { type: 'object' },
  },
} as const;

/**
 * What the grant `INSTANCE/inject` gives: what reads and what limits. Everything else, as what starts, stops, configures or restarts,
 * leaves a trace at the back end or changes what belongs to it, and needs the grant `INSTANCE/inject/ACTION`.
 */
export const PLAIN_ACTIONS = [
  'SetChargingProfile',
  'ClearChargingProfile',
  'GetConfiguration',
  'GetCompositeSchedule',
  'TriggerMessage',
  // what GetConfiguration is in 2.x
  'GetVariables',
] as const;

/** Longest payload: what charge points take in one frame (libocpp takes 65 kB), bytes. */
const LONGEST = 60_000;
/** A call of the box is given up after 30 s; the answer has to come before. */
const ANSWER_WITHIN = 10_000;

export interface InjectDoors {
  readonly pace: InjectionPace;
  readonly rate: InjectionRate;
  circuit(station: string): Circuit | undefined;
  injections(station: string): Injections | undefined;
  /** Tells who limits the charge point what another did to its profiles. */
  ordered(station: string, call: InjectedCall, answer: InjectionAnswer): void;
  now(): number;
}

/** Sends a CALL to a charge point, unnoticed by its back end. */
export async function inject({ station, action, payload = {} }: InjectArgs, doors: InjectDoors): Promise<InjectAnswer> {
  const circuit = doors.circuit(station);
  const injections = doors.injections(station);
  if (circuit === undefined || injections === undefined) return { status: 'absent', wasSent: false };
  const wrong = await wrongWith(circuit, action, payload);
  if (wrong !== undefined) return { status: 'error', code: 'SMX_OCPP_PAYLOAD', text: wrong, wasSent: false };
  const now = doors.now();
  const later = (notBefore: number, why: string): InjectAnswer => {
    const text = `${why}; send it again in ${Math.ceil((notBefore - now) / 1000)} s`;
    return { status: 'error', code: 'SMX_OCPP_PACE', text, notBefore, wasSent: false };
  };
  const free = doors.rate.take(station, now);
  if (free !== undefined) return later(free, 'the charge point was sent as much as parties may send it');
  const notBefore = doors.pace.take(station, { action, payload }, now);
  if (notBefore !== undefined) return later(notBefore, `the same ${action} was sent a moment ago`);
  const call = { action, payload, answerWithin: ANSWER_WITHIN };
  const answer = await injections.send(circuit, call, 'call');
  doors.ordered(station, call, answer);
  return answered(answer);
}

/** Undefined where it may be sent: what a version says is checked, where it is known which one is spoken. */
async function wrongWith(circuit: Circuit, action: string, payload: object): Promise<string | undefined> {
  if (Buffer.byteLength(JSON.stringify(payload)) > LONGEST) return `the payload has more than ${LONGEST} bytes`;
  const version = spokenOn(circuit);
  if (version === undefined) return undefined;
  // the schemas would be in the memory of every instance
  const { misfit } = await import('./payload-schemas.js');
  return misfit(version, action, payload);
}
