import type { DownKind } from './topics.js';

/** A JSON object of a party on a down topic, with its id where it gave a usable one. */
export interface DownBody {
  readonly id: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface DownFault {
  readonly id: string | null;
  readonly reason: string;
}

/** A message on a down topic as a handler gets it. */
export interface DownMessage {
  readonly principal: string;
  readonly kind: DownKind;
  /** Of `ack/{stream}`. */
  readonly stream?: string;
  readonly id: string | null;
  readonly body: Readonly<Record<string, unknown>>;
  /** Receive time, ms UTC. */
  readonly received: number;
  /** Sends an answer on the party's `rsp` (for `req`: `res`). */
  answer(answer: Readonly<Record<string, unknown>>): void;
}

/** Whether a kind is answered on `rsp` or `res` (contracts §5). */
export function isAnswered(kind: DownKind): boolean {
  return kind === 'cmd' || kind === 'schedule' || kind === 'req';
}

const LONGEST_ID = 128;

function usableId(value: unknown): string | null {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_ID ? value : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads the payload of a down topic: an object, or for schedules a SenML pack, which has its id in `bn` of the first record. */
export function parseDown(kind: DownKind, payload: Buffer): DownBody | DownFault {
  // that a heartbeat came is all it says
  if (kind === 'hb') return { id: null, body: {} };
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch {
    return { id: null, reason: 'the payload is not JSON' };
  }
  if (kind === 'schedule' && Array.isArray(value)) {
    const pack: readonly unknown[] = value;
    const [first] = pack;
    return { id: isObject(first) ? usableId(first['bn']) : null, body: { senml: pack } };
  }
  if (!isObject(value)) return { id: null, reason: 'the payload is not a JSON object' };
  const id = usableId(value['id']);
  if (id === null && isAnswered(kind)) return { id, reason: `"id" must be a string of 1 to ${LONGEST_ID} characters` };
  return { id, body: value };
}
