import { isSmxError } from '@smx-edge/model';
import { isRefusal } from '../store/refusal.js';
import type { Smx1Strategy } from '../transport/smx1.strategy.js';
import type { Uplink } from '../transport/uplink.js';

/** Takes messages one by one: what is not as the contract says, or what the database refuses, holds back nobody else. */
export async function oneByOne(
  uplinks: readonly Uplink[],
  how: { readonly boxes: Pick<Smx1Strategy, 'refuse'>; readonly take: (uplink: Uplink) => Promise<void> },
): Promise<void> {
  for (const uplink of uplinks)
    try {
      await how.take(uplink);
    } catch (error) {
      const isMalformed = isSmxError(error) && error.code === 'SMX_MESSAGE_MALFORMED';
      if (!isMalformed && !isRefusal(error)) throw error;
      how.boxes.refuse(uplink, error);
    }
}
