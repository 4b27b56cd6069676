import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { SmxError } from '@smx-edge/model';
import type { CommandAnswer } from '@smx-edge/control';
import { askJson } from '../client.js';
import { text, type CommandRun } from '../command.js';
import { ApiError, print } from '../out.js';
import { targetOf, type Target } from '../target.js';
import { UsageError } from '../usage-error.js';
import { timeText, valueText } from '../values.js';

const PAUSE = 100;
/** Outcomes in which the device does what was asked, as far as its limits go. */
const GOOD: readonly string[] = ['verified', 'clamped'];

/** A value as it is typed: a number, true, false, a JSON list, else text. */
function typed(given: string): unknown {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(given)) return Number(given);
  if (given === 'true' || given === 'false') return given === 'true';
  if (!given.startsWith('[')) return given;
  try {
    return JSON.parse(given) as unknown;
  } catch (cause) {
    throw new SmxError('SMX_CONFIG_INVALID', `${given} is no list of numbers; write it like [1,2,3]`, { cause });
  }
}

/** Waits until a command has its outcome. */
async function outcomeOf(target: Target, id: string): Promise<CommandAnswer> {
  for (;;) {
    const answer = await askJson<CommandAnswer>(target, `/api/v1/commands/${encodeURIComponent(id)}`);
    if (answer.outcome !== undefined) return answer;
    await sleep(PAUSE);
  }
}

/** The record of a command; undefined where it did not come so far that there is one. */
async function keptOf(target: Target, id: string): Promise<CommandAnswer | undefined> {
  try {
    return await askJson<CommandAnswer>(target, `/api/v1/commands/${encodeURIComponent(id)}`);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

/** `smx write POINT VALUE --for D`; exit status 0 where the device took it, also clamped by a limit. */
export const write: CommandRun = async (invocation) => {
  const [point = '', value = ''] = invocation.args;
  const lease = text(invocation, 'for');
  const reason = text(invocation, 'reason');
  if (lease === undefined) throw new UsageError('a command needs a lease: --for 15m says how long it holds');
  const target = targetOf(invocation);
  const json = invocation.values['json'] === true;
  // an id of its own finds the record of a command that was refused, too
  const id = randomUUID();
  const body = { id, point, value: typed(value), for: lease, ...(reason === undefined ? {} : { reason }) };
  try {
    await askJson(target, '/api/v1/commands', { method: 'POST', body });
  } catch (error) {
    const refused = json && error instanceof ApiError ? await keptOf(target, id) : undefined;
    if (refused === undefined) throw error;
    print(JSON.stringify(refused));
    return 1;
  }
  const answer = await outcomeOf(target, id);
  if (json) print(JSON.stringify(answer));
  else print(sentence(answer));
  return GOOD.includes(answer.outcome ?? '') ? 0 : 1;
};

function sentence({ point, outcome = '', stages, until }: CommandAnswer): string {
  const stage = stages.find(({ state }) => state === outcome);
  const measured = stage?.measured === undefined ? '' : `, measured ${valueText(stage.measured)}`;
  const why = [stage?.code, stage?.reason].filter((part) => part !== undefined).join(': ');
  const till = GOOD.includes(outcome) ? `, until ${timeText(until)}` : '';
  return `${outcome}: ${point} ${valueText(stage?.value ?? null)}${measured}${till}${why === '' ? '' : ` (${why})`}`;
}
