import type { Grants } from '../../api/answers.js';
import { Card } from '../../parts/card.js';
import { ProblemNote } from '../../parts/problem-note.js';
import { useAnswer } from '../../api/use-answer.js';
import { clockText } from '../../parts/value.js';
import { t } from '../../i18n/index.js';
import { formGroups } from './forms.js';
import { PointGroups } from './point-groups.js';

const RENEW = 10_000;

function bounds([min, max]: readonly [number | null, number | null]): string {
  return t('access.between', { min: min ?? '−∞', max: max ?? '∞' });
}

function Commands({ commands }: Pick<Grants, 'commands'>) {
  if (commands.length === 0) return null;
  return (
    <Card title={t('access.commands')}>
      <ul class="seen">
        {commands.map(({ path, between, lease }) => (
          <li key={path}>
            <code>{path}</code>
            <span>
              {between === null ? '' : `${bounds(between)}, `}
              {t('access.lease', { lease })}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Filters({ grants }: { grants: Grants }) {
  const lists = [
    [t('access.events'), grants.events],
    [t('access.profiles'), grants.profiles],
    [t('access.calls'), grants.calls],
    [t('access.manages'), grants.manages],
  ] as const;
  return (
    <dl class="facts">
      {lists.map(
        ([label, filters]) =>
          filters.length > 0 && (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                {filters.map((filter) => (
                  <code key={filter}>{filter} </code>
                ))}
              </dd>
            </div>
          ),
      )}
    </dl>
  );
}

function Times({ timed }: Pick<Grants, 'timed'>) {
  return (
    <ul class="times">
      {timed.map(({ actions, from, until, hours, holds }, i) => (
        <li key={i} class={holds ? '' : 'muted'}>
          {[
            from === null ? '' : t('access.from', { time: clockText(from) }),
            until === null ? '' : t('access.until', { time: clockText(until) }),
            hours === null ? '' : t('access.hours', { from: hours[0], to: hours[1] }),
            holds ? '' : t('access.notNow'),
          ]
            .filter((text) => text !== '')
            .join(', ')}
          :{' '}
          {Object.entries(actions).map(([action, filters]) => (
            <code key={action}>
              {action} {filters.join(' ')}{' '}
            </code>
          ))}
        </li>
      ))}
    </ul>
  );
}

/** One role: who acts under it, for what, and what it gets right now. */
export function RoleGrants({ role }: { role: string }) {
  const { answer, problem } = useAnswer<Grants>(`grants/${encodeURIComponent(role)}`, RENEW);
  if (answer === undefined) return <ProblemNote problem={problem} />;
  return (
    <>
      <Card title={role}>
        <p>
          {answer.purpose !== null && (
            <>
              {t('access.purpose')}: {answer.purpose}.{' '}
            </>
          )}
          {answer.principals.length === 0 ? t('access.nobody') : `${t('access.by')}: ${answer.principals.join(', ')}.`}
        </p>
        <Filters grants={answer} />
        <Times timed={answer.timed} />
      </Card>
      <Card title={t('access.sees')} aside={<span class="muted">{t('access.now')}</span>}>
        <PointGroups groups={formGroups(answer.points)} withValues />
      </Card>
      <Card title={t('access.history')}>
        <PointGroups groups={formGroups(answer.history)} />
      </Card>
      <Commands commands={answer.commands} />
    </>
  );
}
