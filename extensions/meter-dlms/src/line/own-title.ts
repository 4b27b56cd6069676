import { randomBytes } from 'node:crypto';
import type { InstanceState } from '@smx-edge/extension-api';
import { describeError, type Log } from '@smx-edge/model';

const MAKER = Buffer.from('SMX');
const LENGTH = 8;
const KEY = 'title';

/** System title of a reader (Green Book §4.3.4): its maker, then what no other reader has. */
export function newTitle(): Uint8Array {
  return Buffer.concat([MAKER, randomBytes(LENGTH - MAKER.length)]);
}

/**
 * The title of this reader, made at its first start: two boxes with the same keys, or one that was set up anew, would else use the same
 * nonces for other texts. Where it cannot be kept the next start makes another, which has used none either.
 */
export async function ownTitle(state: InstanceState, log: Log): Promise<Uint8Array> {
  const kept = await state.get<string>(KEY);
  if (kept !== undefined) return Buffer.from(kept, 'hex');
  const title = newTitle();
  try {
    await state.set(KEY, Buffer.from(title).toString('hex'));
  } catch (error) {
    log.warn('the title of this reader could not be kept; the next start makes another', { error: describeError(error) }); // prettier-ignore
  }
  return title;
}
