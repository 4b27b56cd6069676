import type { GrantsAnswer, TimedGrantAnswer } from '../../http/answers.js';
import { askJson } from '../client.js';
import type { CommandRun } from '../command.js';
import { print } from '../out.js';
import { table } from '../table.js';
import { targetOf } from '../target.js';
import { timeText, valueText } from '../values.js';

interface Form {
  readonly every?: string;
  readonly as?: string;
  readonly delay?: string;
  readonly round?: number;
  readonly interval?: string;
}

const formText = ({ every, as, delay, round, interval }: Form): string =>
  [
    every === undefined ? 'raw' : `${as ?? ''} ${every}`,
    delay === undefined ? '' : `delayed ${delay}`,
    round === undefined ? '' : `steps of ${round}`,
    interval === undefined ? '' : `at most each ${interval}`,
  ]
    .filter((word) => word !== '')
    .join(', ');

const section = (title: string, head: readonly string[], rows: readonly (readonly string[])[]): string =>
  rows.length === 0
    ? `${title}: none`
    : `${title}\n${table([head, ...rows].map((row) => ['  ' + row[0]!, ...row.slice(1)]))}`;

const listed = (title: string, words: readonly string[]): string =>
  `${title}: ${words.length === 0 ? 'none' : words.join(', ')}`;

/** `only from T until T, 06:00-22:00 (not now): read pcc/power/#` */
function timedText({ actions, from, until, hours, holds }: TimedGrantAnswer): string {
  const bounds = [
    from === null ? '' : ` from ${timeText(from)}`,
    until === null ? '' : ` until ${timeText(until)}`,
    hours === null ? '' : ` ${hours.join('-')}`,
  ].join('');
  const what = Object.entries(actions).map(([action, filters]) => `${action} ${filters.join(' ')}`);
  return `only${bounds}${holds ? '' : ' (not now)'}: ${what.join(', ')}`;
}

function shown(answer: GrantsAnswer): string {
  const { role, purpose, authority, principals, points, history, commands } = answer;
  return [
    `role ${role}${purpose === null ? '' : ` (${purpose})`}, authority ${authority}`,
    listed('held by', principals),
    section(
      'reads now',
      ['PATH', 'VALUE', 'UNIT', 'FORM', 'QUALITY', 'TIME'],
      points.map((point) => [
        point.path,
        valueText(point.value, point.type),
        point.unit ?? '',
        formText(point),
        point.quality + (point.reason === undefined ? '' : ` (${point.reason})`),
        timeText(point.t),
      ]),
    ),
    section(
      'history',
      ['PATH', 'FORM'],
      history.map((entry) => [entry.path, formText(entry)]),
    ),
    section(
      'commands',
      ['PATH', 'BETWEEN', 'LEASE', 'PRIORITY'],
      commands.map(({ path, between, lease, priority }) => [
        path,
        between === null ? 'any' : between.map((bound) => bound ?? 'any').join(' … '),
        lease,
        String(priority),
      ]),
    ),
    listed('events', answer.events),
    listed('profiles', answer.profiles),
    listed('calls', answer.calls),
    listed('manages', answer.manages),
    ...answer.timed.map(timedText),
  ].join('\n');
}

/** `smx grants ROLE` */
export const grants: CommandRun = async (invocation) => {
  const role = invocation.args[0]!;
  const answer = await askJson<GrantsAnswer>(targetOf(invocation), `/api/v1/grants/${encodeURIComponent(role)}`);
  print(invocation.values['json'] === true ? JSON.stringify(answer) : shown(answer));
  return 0;
};
