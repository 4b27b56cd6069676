import type { LinkAnswer } from '../../http/answers.js';
import type { CommandRun } from '../command.js';
import { askJson } from '../client.js';
import { print } from '../out.js';
import { table } from '../table.js';
import { targetOf } from '../target.js';
import { timeText } from '../values.js';

const HEAD = ['LINK', 'STATE', 'SINCE', 'STREAM', 'NEXT', 'ACKNOWLEDGED', 'BEHIND', 'OLDEST', 'RE-SENT', 'REASON'];
const NO_STREAM = ['', '', '', '', '', ''];

/** `smx links` */
export const links: CommandRun = async (invocation) => {
  const found = await askJson<LinkAnswer[]>(targetOf(invocation), '/api/v1/links');
  if (invocation.values['json'] === true) print(JSON.stringify(found));
  else print(table([HEAD, ...found.flatMap(rowsOf)]));
  return 0;
};

/** A row for each stream of the link, one at least. */
function rowsOf(link: LinkAnswer): string[][] {
  const streams = 'streams' in link ? (link.streams ?? []) : [];
  const own = [link.name, link.state, timeText(link.since)];
  const reason = link.reason ?? '';
  if (streams.length === 0) return [[...own, ...NO_STREAM, reason]];
  return streams.map((one, i) => [
    ...(i === 0 ? own : ['', '', '']),
    ...[one.stream, String(one.next), `to ${one.oldest - 1}`, String(one.behind)],
    one.since === undefined ? '' : timeText(one.since),
    String(one.resent),
    one.reason ?? (i === 0 ? reason : ''),
  ]);
}
