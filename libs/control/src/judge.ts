import type { CommandGrant, View } from '@smx-edge/access';
import { isSmxError, type CommandStage } from '@smx-edge/model';
import { checkedCommand, commandTarget, type Circumstances } from './check.js';
import { advanced, type CommandRecord } from './record.js';
import type { CommandWish } from './wish.js';

/**
 * What a wish comes to before any device hears of it: accepted, refused with a code, or expired where its lease was over
 * when it came. `more` may refuse it for other reasons by a throw.
 */
export function judgedCommand(
  view: Pick<View, 'principal' | 'command' | 'canRead'>,
  wish: CommandWish & { readonly id: string },
  { at, more }: { readonly at: Circumstances; readonly more?: (record: CommandRecord, grant: CommandGrant) => void },
): CommandRecord {
  const { now } = at;
  const { id, point } = wish;
  const value = wish.value ?? null;
  const received: CommandRecord = {
    ...{ principal: view.principal.name, id, point, value, authority: 'controller', priority: 0, received: now },
    ...{ until: now, lease: 0, stages: [{ state: 'received', t: now, value }] },
  };
  let known = received;
  try {
    const target = commandTarget(view, point, at);
    const { authority, priority } = target.grant;
    known = { ...received, authority, priority: wish.priority ?? priority };
    const checked = { ...known, ...checkedCommand(wish, target, at) };
    more?.(checked, target.grant);
    if (checked.lease <= 0)
      return over(checked, { state: 'expired', t: now, value, reason: 'its lease was over when it came' });
    return advanced(checked, { state: 'accepted', t: now, value: checked.value });
  } catch (error) {
    if (!isSmxError(error)) throw error;
    return over(known, { state: 'refused', t: now, value, code: error.code, reason: error.message });
  }
}

function over(record: CommandRecord, stage: CommandStage): CommandRecord {
  return { ...advanced(record, stage), over: true };
}
