import { pipeline } from 'node:stream/promises';
import { text, type CommandRun } from '../command.js';
import { ask, whole } from '../client.js';
import { print } from '../out.js';
import { table } from '../table.js';
import { targetOf } from '../target.js';
import { timeText, valueText } from '../values.js';
import type { HistoryAnswer } from '../../http/answers.js';

/** `smx history FILTER`: a table, or the answer of the API as it comes (`--csv`, `--json`). */
export const history: CommandRun = async (invocation) => {
  const csv = invocation.values['csv'] === true;
  const query = {
    match: invocation.args[0],
    from: text(invocation, 'from') ?? '1h',
    to: text(invocation, 'to'),
    every: text(invocation, 'every'),
    as: text(invocation, 'as'),
  };
  const accept = csv ? 'text/csv' : 'application/json';
  const response = await ask(targetOf(invocation), '/api/v1/history', { query, accept });
  if (csv || invocation.values['json'] === true) {
    await pipeline(response, process.stdout, { end: false });
    if (!csv) print('');
    return 0;
  }
  const { points } = JSON.parse(await whole(response)) as HistoryAnswer;
  const rows = Object.entries(points).flatMap(([path, values]) =>
    values.map(([t, value, quality]) => [timeText(t), path, valueText(value), quality ?? 'good']),
  );
  print(table([['TIME', 'PATH', 'VALUE', 'QUALITY'], ...rows]));
  return 0;
};
