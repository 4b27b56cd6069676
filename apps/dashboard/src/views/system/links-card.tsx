import type { Link } from '../../api/answers.js';
import { Card } from '../../parts/card.js';
import { ProblemNote } from '../../parts/problem-note.js';
import { StateBadge } from '../../parts/state-badge.js';
import { useAnswer } from '../../api/use-answer.js';
import { clockText } from '../../parts/value.js';
import { t } from '../../i18n/index.js';
import { hrefOf } from '../../state/route.js';
import { Reason } from './reason.js';

const RENEW = 3000;

function Row({ link }: { link: Link }) {
  const { name, url, role, state, since, protocol, reason, code, retryAt, sent = 0, dropped = 0 } = link;
  return (
    <li class="item">
      <div class="item-head">
        <h3>{name}</h3>
        <span class="muted">{url}</span>
        <StateBadge state={state} />
        <span class="muted">{t('devices.since', { time: clockText(since) })}</span>
      </div>
      <Reason state={state} reason={reason} code={code} retryAt={retryAt} />
      <dl class="facts">
        {role !== undefined && (
          <div>
            <dt>{t('system.role')}</dt>
            <dd>
              <a href={hrefOf('access', role)}>{role}</a>
            </dd>
          </div>
        )}
        {protocol !== undefined && (
          <div>
            <dt>MQTT</dt>
            <dd>{protocol}</dd>
          </div>
        )}
        <div>
          <dt>{t('system.sent')}</dt>
          <dd>{sent}</dd>
        </div>
        <div>
          <dt>{t('system.dropped')}</dt>
          <dd>{dropped}</dd>
        </div>
      </dl>
    </li>
  );
}

/** Links to brokers of other parties. */
export function LinksCard() {
  const { answer, problem } = useAnswer<Link[]>('links', RENEW);
  return (
    <Card title={t('system.links')}>
      <ProblemNote problem={problem} />
      {answer?.length === 0 && <p class="muted">{t('system.links.none')}</p>}
      <ul class="items">
        {answer?.map((link) => (
          <Row key={link.name} link={link} />
        ))}
      </ul>
    </Card>
  );
}
