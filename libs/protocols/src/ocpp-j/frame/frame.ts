import { isObject, type JsonObject } from '../json.js';
import { isTooDeep } from './depth.js';
import { hasAction, type FrameHead } from './kind.js';
import { peekFrame } from './peek.js';

/** A frame with what it carries, for those who look into it. */
export interface Frame extends FrameHead {
  /** Of a CALL, SEND or CALLRESULT; without members where it is no object. */
  readonly payload: JsonObject;
  /** Of a CALLERROR or CALLRESULTERROR, in the spelling of 2.x. */
  readonly code?: string;
  readonly description?: string;
}

/** Both spellings are on the wire: 1.6 has two words that were mended later (OCPP-J 1.6 errata 2.1, 5.1 and 5.2). */
const MENDED: Readonly<Record<string, string>> = {
  FormationViolation: 'FormatViolation',
  OccurenceConstraintViolation: 'OccurrenceConstraintViolation',
};

/** The whole frame; undefined where it has no head, is no JSON or is nested without end. Never throws. `head`, where it was peeked already. */
export function decodeFrame(frame: string | Uint8Array, head = peekFrame(frame)): Frame | undefined {
  if (head === undefined) return undefined;
  const parts = partsOf(frame);
  if (parts === undefined) return undefined;
  const [, , third, fourth] = parts;
  if (hasAction(head.kind)) return { ...head, payload: isObject(fourth) ? fourth : {} };
  if (head.kind === 'result') return { ...head, payload: isObject(third) ? third : {} };
  return {
    ...head,
    payload: {},
    ...(typeof third === 'string' && { code: Object.hasOwn(MENDED, third) ? MENDED[third]! : third }),
    ...(typeof fourth === 'string' && { description: fourth }),
  };
}

/** The text of a CALL (OCPP-J 1.6 §4.2.1), for what is injected; what is relayed is never written anew. */
export const encodeCall = (id: string, action: string, payload: JsonObject): string =>
  JSON.stringify([2, id, action, payload]);

function partsOf(frame: string | Uint8Array): readonly unknown[] | undefined {
  try {
    const text =
      typeof frame === 'string' ? frame : Buffer.from(frame.buffer, frame.byteOffset, frame.length).toString('utf8');
    if (isTooDeep(text)) return undefined;
    const parts: unknown = JSON.parse(text);
    return Array.isArray(parts) ? parts : undefined;
  } catch {
    // told by the result
    return undefined;
  }
}
