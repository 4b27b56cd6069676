import { SmxError } from '@smx-edge/model';

/** Longest message id that may be sent (OCPP-J 1.6 §4.1.4, 2.0.1 and 2.1 part 4 §4.1.3). */
export const LONGEST_MESSAGE_ID = 36;
/** Bytes of randomness that make an own id. */
export const MESSAGE_ID_BYTES = 16;

const OWN = /^smx-[0-9a-f]{32}$/;

/** Whether `id` may be sent: 1 to 36 characters. What others send is taken as it is. */
export const isMessageId = (id: string): boolean => id.length > 0 && id.length <= LONGEST_MESSAGE_ID;

/**
 * An id of an injected CALL from 16 random bytes: `smx-` and 32 hex digits, the longest that is allowed, so that no id of a back
 * end is ever the same (2.1 part 4 §6.4). The caller never hands in the same bytes twice (§4.1.3).
 */
export function ownMessageId(random: Uint8Array): string {
  if (random.length < MESSAGE_ID_BYTES)
    throw new SmxError('SMX_PROTOCOL_ENCODE', `a message id is made of ${MESSAGE_ID_BYTES} random bytes; give as many`);
  let id = 'smx-';
  for (const byte of random.subarray(0, MESSAGE_ID_BYTES)) id += byte.toString(16).padStart(2, '0');
  return id;
}

/** Whether an id has the shape of an own one. A proxy behind another one meets such ids of that one too. */
export const hasOwnShape = (id: string): boolean => OWN.test(id);
