import type { EventRecord } from '@smx-edge/model';
import { Card } from '../../parts/card.js';
import { clockText } from '../../parts/value.js';
import { useAnswer } from '../../api/use-answer.js';
import { maybe, t } from '../../i18n/index.js';

const RENEW = 20_000;
const SHOWN = 6;

/** What happened in the last day, newest first; of an alarm that ended only its end. */
export function EventsCard() {
  const { answer } = useAnswer<EventRecord[]>('events?from=24h', RENEW);
  if (answer === undefined) return null;
  const latest = new Map<string, EventRecord>();
  for (const event of answer) {
    const key = event.state === 'once' ? String(event.id) : `${event.path} ${event.code}`;
    latest.delete(key);
    latest.set(key, event);
  }
  const shown = [...latest.values()].reverse().slice(0, SHOWN);
  return (
    <Card title={t('events.title')} class="events">
      {shown.length === 0 ? (
        <p class="muted">{t('events.none')}</p>
      ) : (
        <ul>
          {shown.map(({ id, t: at, path, severity, state, text }) => (
            <li key={id} class={state === 'cleared' ? 'over' : severity}>
              <span class="badge-dot" aria-hidden="true" />
              <span>
                <strong>{path}</strong> {text} {state !== 'once' && <span class="muted">({t(`events.${state}`)})</span>}
                <span class="sr"> {maybe(`severity.${severity}`)}</span>
              </span>
              <time class="muted">{clockText(at)}</time>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
