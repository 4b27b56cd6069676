import type { CommandRun } from '../command.js';
import { askJson } from '../client.js';
import { jsonObject } from '../json-argument.js';
import { print } from '../out.js';
import { targetOf } from '../target.js';
import { UsageError } from '../usage-error.js';

/** `key=value`; the value is JSON where it is such, else text. */
function member(given: string): [string, unknown] {
  const at = given.indexOf('=');
  if (at < 1) throw new UsageError(`arguments are one JSON object or key=value each, not "${given}"`);
  const text = given.slice(at + 1);
  try {
    return [given.slice(0, at), JSON.parse(text) as unknown];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [given.slice(0, at), text];
  }
}

function argumentsOf(given: readonly string[]): Record<string, unknown> {
  const [first = ''] = given;
  if (given.length === 1 && first.trimStart().startsWith('{')) return jsonObject('ARGS', first);
  return Object.fromEntries(given.map(member));
}

/** `smx call INSTANCE NAME [ARGS]`: prints the result as JSON. */
export const call: CommandRun = async (invocation) => {
  const [instance = '', name = '', ...given] = invocation.args;
  const path = `/api/v1/extensions/${encodeURIComponent(instance)}/calls/${encodeURIComponent(name)}`;
  const result = await askJson(targetOf(invocation), path, { method: 'POST', body: argumentsOf(given) });
  print(JSON.stringify(result, null, invocation.values['json'] === true ? 0 : 2));
  return 0;
};
