import { filterFault, parseTime } from '@smx-edge/model';
import { LOCAL } from '../../core/proof.js';
import type { ErasedAnswer } from '../../http/answers.js';
import { askJson } from '../client.js';
import { text, type CommandRun } from '../command.js';
import { atStore } from '../desk.js';
import { print } from '../out.js';
import { UsageError } from '../usage-error.js';

/** Every chunk of the points is read and written again. */
const PATIENCE = 30 * 60_000;

/** `smx erase FILTER --before T` */
export const erase: CommandRun = async (invocation) => {
  const [match = ''] = invocation.args;
  const before = text(invocation, 'before');
  const fault = filterFault(match);
  if (before === undefined) throw new UsageError('--before is missing');
  if (fault !== undefined) throw new UsageError(`"${match}" is no topic filter: ${fault}`);
  const erased = await atStore<ErasedAnswer>(invocation, {
    online: (target) =>
      askJson<ErasedAnswer>(target, '/api/v1/erase', { method: 'POST', body: { match, before }, patience: PATIENCE }),
    offline: async (store, zone) => {
      const t = parseTime(before, { zone, now: Date.now() });
      if (t === undefined) throw new UsageError('--before takes ISO 8601, ms UTC, or a duration before now like 90d');
      return store.vault.erase({ match, before: t, by: LOCAL });
    },
  });
  const { points, samples, windows } = erased;
  if (invocation.values['json'] === true) print(JSON.stringify(erased));
  else print(`${samples} samples and ${windows} windows of ${points} points erased; profiles, events and ledger stay`);
  return 0;
};
