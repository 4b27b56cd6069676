import { filterFault } from '@smx-edge/model';
import { LOCAL } from '../../core/proof.js';
import type { ErasedAnswer } from '../../http/answers.js';
import { parseTime } from '../../http/common/time.js';
import { askJson } from '../client.js';
import { text, type CommandRun } from '../command.js';
import { atStore } from '../desk.js';
import { complain, print } from '../out.js';

/** Every chunk of the points is read and written again. */
const PATIENCE = 30 * 60_000;

/** `smx erase FILTER --before T` */
export const erase: CommandRun = async (invocation) => {
  const [match = ''] = invocation.args;
  const before = text(invocation, 'before');
  const fault = filterFault(match);
  if (before === undefined || fault !== undefined) {
    complain(fault === undefined ? 'smx: erase needs --before T' : `smx: "${match}" is no topic filter: ${fault}`);
    return 2;
  }
  const erased = await atStore<ErasedAnswer | undefined>(invocation, {
    online: (target) =>
      askJson<ErasedAnswer>(target, '/api/v1/erase', { method: 'POST', body: { match, before }, patience: PATIENCE }),
    offline: async (store, zone) => {
      const t = parseTime(before, { zone, now: Date.now() });
      return t === undefined ? undefined : store.vault.erase({ match, before: t, by: LOCAL });
    },
  });
  if (erased === undefined) {
    complain('smx: --before takes ISO 8601, ms UTC, or a duration before now like 90d');
    return 2;
  }
  const { points, samples, windows } = erased;
  if (invocation.values['json'] === true) print(JSON.stringify(erased));
  else print(`${samples} samples and ${windows} windows of ${points} points erased; profiles, events and ledger stay`);
  return 0;
};
