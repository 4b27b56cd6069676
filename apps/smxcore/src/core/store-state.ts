import type { Store } from '@smx-edge/datastore';
import type { Clock, Disposable } from '@smx-edge/model';
import type { PartState } from '../http/doors.js';

/** Longest the store's thread may take to answer before the core counts as hung, ms. */
const ANSWER_TIME = 20_000;

/** Part of the quota from which on it is worth a word. */
const NEAR = 0.8;

/** Whether the store's thread still answers in time. */
export async function answers(store: Store, clock: Clock): Promise<boolean> {
  let late: Disposable | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    late = clock.after(ANSWER_TIME, () => resolve(false));
  });
  // a refusal is an answer too: the thread lives, and a full disk is no reason to restart
  const answer = store.stateGet('core', 'alive').then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    late?.dispose();
  }
}

export function storeState(store: Store): PartState {
  const { fault, usage } = store;
  if (fault !== undefined) return { ok: false, text: fault.message, code: fault.code };
  if (usage === undefined || usage.used < NEAR * usage.quota) return { ok: true, text: 'up' };
  const percent = Math.floor((100 * usage.used) / usage.quota);
  return { ok: true, text: `up; ${percent} % of its quota is used`, code: 'SMX_STORE_QUOTA' };
}
