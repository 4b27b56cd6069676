import { t } from '../../i18n/index.js';
import { Card } from '../../parts/card.js';
import { clockText } from '../../parts/value.js';
import type { StationTelling } from './stations.js';

/** What this box itself asked of a charge point, newest first. */
export function InjectionsCard({ station: { station, injections } }: { station: StationTelling }) {
  if (injections.length === 0) return null;
  return (
    <Card title={t('charging.injections', { station })}>
      <ul class="items">
        {injections.map(({ action, t: at, by, status, code }) => (
          <li key={`${at} ${action}`} class="item-head">
            <code>{action}</code>
            <span class={`badge ${status === 'ok' ? 'good' : 'warn'}`}>
              {[status, code].filter((text) => text !== null).join(' ')}
            </span>
            <span>{by === 'limit' ? t('charging.forLimit') : t('charging.forParty', { who: by })}</span>
            <time class="muted">{clockText(at)}</time>
          </li>
        ))}
      </ul>
    </Card>
  );
}
