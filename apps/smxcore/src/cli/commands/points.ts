import type { PointAnswer } from '../../http/answers.js';
import type { CommandRun } from '../command.js';
import { askJson } from '../client.js';
import { complain, print } from '../out.js';
import { table } from '../table.js';
import { targetOf } from '../target.js';
import { timeText, valueText } from '../values.js';

/** `smx points [FILTER]` */
export const points: CommandRun = async (invocation) => {
  const found = await askJson<PointAnswer[]>(targetOf(invocation), '/api/v1/points', {
    query: { match: invocation.args[0] },
  });
  if (invocation.values['json'] === true) print(JSON.stringify(found));
  else {
    const rows = found.map((point) => [
      point.path,
      point.unit ?? '-',
      point.kind,
      point.type,
      point.obis ?? '-',
      point.every === undefined ? 'raw' : `${point.as ?? ''} ${point.every}`,
      point.next === undefined ? '' : timeText(point.next),
    ]);
    print(table([['PATH', 'UNIT', 'KIND', 'TYPE', 'OBIS', 'FORM', 'NEXT VALUE'], ...rows]));
  }
  return 0;
};

/** `smx read FILTER`; a filter that matches nothing is a failure. */
export const read: CommandRun = async (invocation) => {
  const found = await askJson<PointAnswer[]>(targetOf(invocation), '/api/v1/points', {
    query: { match: invocation.args[0] },
  });
  if (invocation.values['json'] === true) print(JSON.stringify(found));
  else if (found.length === 0)
    complain(`no point that you may read matches ${invocation.args[0]!}; \`smx points\` lists those that there are`);
  else {
    const rows = found.map((point) => [
      point.path,
      valueText(point.value, point.type),
      point.unit ?? '',
      point.quality + (point.reason === undefined ? '' : ` (${point.reason})`),
      timeText(point.t),
    ]);
    print(table([['PATH', 'VALUE', 'UNIT', 'QUALITY', 'TIME'], ...rows]));
  }
  return found.length > 0 ? 0 : 1;
};
