import type { InstanceAnswer } from '../../http/answers.js';
import type { CommandRun } from '../command.js';
import { askJson } from '../client.js';
import { print } from '../out.js';
import { table } from '../table.js';
import { targetOf } from '../target.js';
import { UsageError } from '../usage-error.js';
import { timeText } from '../values.js';

/** `smx extensions [restart ID]` */
export const extensions: CommandRun = async (invocation) => {
  const [verb, id] = invocation.args;
  if (verb !== undefined && (verb !== 'restart' || id === undefined))
    throw new UsageError(`extensions are not to "${invocation.args.join(' ')}"`);
  const target = targetOf(invocation);
  if (id !== undefined) {
    await askJson(target, `/api/v1/extensions/${encodeURIComponent(id)}/restart`, { method: 'POST' });
    if (invocation.values['json'] === true) print(JSON.stringify({ id }));
    else print(`${id} is restarting`);
    return 0;
  }
  const found = await askJson<InstanceAnswer[]>(target, '/api/v1/extensions');
  if (invocation.values['json'] === true) print(JSON.stringify(found));
  else {
    const rows = found.map((instance) => [
      instance.id,
      instance.use,
      stateText(instance),
      timeText(instance.since),
      remarks(instance),
    ]);
    print(table([['ID', 'USE', 'STATE', 'SINCE', 'REASON'], ...rows]));
  }
  return 0;
};

type Remarked = Pick<InstanceAnswer, 'reason' | 'status' | 'notices' | 'lines'>;

/** Why it is in this state, what keeps its lines from being open, and what to know of it while all is well. */
export function remarks({ reason, status, notices, lines }: Remarked): string {
  const state = reason ?? status?.text ?? '';
  const shut = lines.flatMap(({ status: line, text }) => (line === 'connecting' && text !== undefined ? [text] : []));
  return [state, ...shut.filter((text) => !state.includes(text)), ...notices].filter((text) => text !== '').join('; ');
}

/** An instance that runs may still have nothing good to say. */
function stateText({ state, status }: Pick<InstanceAnswer, 'state' | 'status'>): string {
  const own = status?.state;
  return state === 'running' && (own === 'error' || own === 'warning') ? `${state} (${own})` : state;
}
