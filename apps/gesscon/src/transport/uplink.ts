import { describeError, SmxError } from '@smx-edge/model';
import { inflateSync } from 'node:zlib';

/** First byte of a deflated payload (zlib); JSON begins with `{` (contracts §5). */
const ZLIB = 0x78;
/** Largest payload once inflated, bytes. */
const LARGEST = 16 * 1024 * 1024;

/** A message of a box to this party. */
export interface Uplink {
  readonly site: string;
  /** Topic below `smx/1/{site}/{party}/`. */
  readonly topic: string;
  /** JSON; undefined where the payload is empty. */
  readonly body: unknown;
  /** When it came, ms UTC. */
  readonly received: number;
}

/** JSON of a payload, inflated where it is zlib. Throws SMX_MESSAGE_MALFORMED. */
export function bodyOf(payload: Buffer): unknown {
  if (payload.length === 0) return undefined;
  try {
    const plain = payload[0] === ZLIB ? inflateSync(payload, { maxOutputLength: LARGEST }) : payload;
    return JSON.parse(plain.toString('utf8'));
  } catch (error) {
    throw new SmxError('SMX_MESSAGE_MALFORMED', `neither JSON nor zlib of JSON (${describeError(error)})`, {
      cause: error,
    });
  }
}
