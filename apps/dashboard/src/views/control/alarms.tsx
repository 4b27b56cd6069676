import type { EventRecord } from '@smx-edge/model';
import { t } from '../../i18n/index.js';
import { EventList, newestOf } from '../../parts/event-list.js';

const SHOWN = 5;

/** What of a set-point somebody should look at: outcomes that are not as asked, and faults of its device. */
export function Alarms({ events }: { events: readonly EventRecord[] }) {
  const shown = newestOf(
    events.filter(({ severity }) => severity !== 'info'),
    SHOWN,
  );
  if (shown.length === 0) return null;
  return (
    <div class="events">
      <h3>{t('control.alarms')}</h3>
      <EventList events={shown} />
    </div>
  );
}
