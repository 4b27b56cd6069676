import type { EventRecord } from '@smx-edge/model';
import { maybe, t } from '../i18n/index.js';
import { clockText } from './value.js';

/** The newest `most` events, newest first; of an alarm that ended only its end. */
export function newestOf(events: readonly EventRecord[], most: number): readonly EventRecord[] {
  const latest = new Map<string, EventRecord>();
  for (const event of events) {
    const key = event.state === 'once' ? String(event.id) : `${event.path} ${event.code}`;
    latest.delete(key);
    latest.set(key, event);
  }
  return [...latest.values()].reverse().slice(0, most);
}

/** Events, one a line, each with how bad it is. */
export function EventList({ events }: { events: readonly EventRecord[] }) {
  return (
    <ul>
      {events.map(({ id, t: at, path, severity, state, text }) => (
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
  );
}
