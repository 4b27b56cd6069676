import { useState } from 'preact/hooks';
import type { EventRecord } from '@smx-edge/model';
import { useAnswer } from '../../api/use-answer.js';
import { t } from '../../i18n/index.js';
import { Card } from '../../parts/card.js';
import { ProblemNote } from '../../parts/problem-note.js';
import { qualityEventsOf } from '../../quality/events.js';
import { ClassDrawing } from './class-drawing.js';
import { EventItem } from './event-item.js';

const RENEW = 5000;
const FIRST = 10;

/** Dips, swells, interruptions and rapid changes of the last week. */
export function QualityEventsCard({ device }: { device: string }) {
  const [isAll, setAll] = useState(false);
  const { answer, problem } = useAnswer<EventRecord[]>(
    `events?match=${encodeURIComponent(`${device}/#`)}&from=7d`,
    RENEW,
  );
  const events = answer && qualityEventsOf(answer);
  return (
    <Card title={t('quality.events')} class="quality-events">
      <ProblemNote problem={problem} />
      {events?.length === 0 && <p class="muted">{t('quality.events.none')}</p>}
      {events !== undefined && events.length > 0 && (
        <>
          <ClassDrawing events={events} />
          <ul class="items" style={{ marginTop: '1rem' }}>
            {(isAll ? events : events.slice(0, FIRST)).map((event) => (
              <EventItem key={event.id} event={event} />
            ))}
          </ul>
          {!isAll && events.length > FIRST && (
            <button type="button" onClick={() => setAll(true)}>
              {t('app.more', { count: events.length })}
            </button>
          )}
        </>
      )}
    </Card>
  );
}
