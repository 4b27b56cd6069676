import type { EventRecord } from '@smx-edge/model';
import { useAnswer } from '../../api/use-answer.js';
import { t } from '../../i18n/index.js';
import { Card } from '../../parts/card.js';
import { EventList, newestOf } from '../../parts/event-list.js';

const RENEW = 20_000;
const SHOWN = 6;

/** What happened in the last day. */
export function EventsCard() {
  const { answer } = useAnswer<EventRecord[]>('events?from=24h', RENEW);
  if (answer === undefined) return null;
  const shown = newestOf(answer, SHOWN);
  return (
    <Card title={t('events.title')} class="events">
      {shown.length === 0 ? <p class="muted">{t('events.none')}</p> : <EventList events={shown} />}
    </Card>
  );
}
