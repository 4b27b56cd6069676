import type { Health } from '../../api/answers.js';
import { Card } from '../../parts/card.js';
import { ProblemNote } from '../../parts/problem-note.js';
import { StateBadge } from '../../parts/state-badge.js';
import { useAnswer } from '../../api/use-answer.js';
import { clockText } from '../../parts/value.js';
import { t } from '../../i18n/index.js';
import { door } from '../../state/session.js';

const RENEW = 5000;

/** Parts of the box, and what is wrong in its config. */
export function BoxCard() {
  const { answer, problem } = useAnswer<Health>('health', RENEW);
  const version = door.value.at === 'in' ? door.value.session.version : '';
  return (
    <Card title={t('system.parts')}>
      <ProblemNote problem={problem} />
      <dl class="facts">
        <div>
          <dt>{t('system.version')}</dt>
          <dd>{version}</dd>
        </div>
        {answer !== undefined && (
          <div>
            <dt>{t('system.up')}</dt>
            <dd>{clockText(answer.since)}</dd>
          </div>
        )}
      </dl>
      <ul class="items">
        {Object.entries(answer?.parts ?? {}).map(([name, { ok, text }]) => (
          <li key={name} class="item-head">
            <h3>{name}</h3>
            <StateBadge state={ok ? 'ok' : 'broken'} />
            <span class="muted">{text}</span>
          </li>
        ))}
      </ul>
      {answer !== undefined && answer.problems.length > 0 && (
        <>
          <h3>{t('system.problems')}</h3>
          {answer.problems.map(({ code, text }) => (
            <p key={text} class="note bad">
              {text} <code>{code}</code>
            </p>
          ))}
        </>
      )}
    </Card>
  );
}
