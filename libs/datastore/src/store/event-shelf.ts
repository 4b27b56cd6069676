import { checkFiles, type Disposable, type EventRecord, type NewEvent, type NewEventFile } from '@smx-edge/model';
import type { EventQuery } from '../database/event-table.js';
import { Listeners } from '../live/listeners.js';
import { freshJson, LONGEST_DATA } from './json-text.js';
import type { ThreadLink } from './thread-link.js';

const LONGEST_TEXT = 4096;

/** The events of the store and their files. */
export class EventShelf {
  private readonly listeners = new Listeners<EventRecord>();

  constructor(private readonly link: ThreadLink) {}

  /** Keeps an event and its files; resolves when all are durable. Rejects with SMX_STORE_FAILED, SMX_STORE_VALUE, SMX_EVENT_FILE. */
  async add(event: NewEvent, files: readonly NewEventFile[]): Promise<EventRecord> {
    const { t, path, code, severity, state } = event;
    const text = event.text.slice(0, LONGEST_TEXT);
    const data =
      event.data === undefined ? {} : { data: freshJson(event.data, `the data of event ${code}`, LONGEST_DATA) };
    checkFiles(code, files);
    const attached = files.length === 0 ? {} : { files };
    const unique = event.unique === true ? { unique: true } : {};
    const fields = { t, path, code, severity, state, text, ...data, ...unique };
    const { record, isNew } = await this.link.ask('addEvent', { ...fields, ...attached });
    if (isNew) this.added(record);
    return record;
  }

  /** Tells of an event that is kept. */
  added(record: EventRecord): void {
    this.listeners.call(record);
  }

  onEvent(listener: (event: EventRecord) => void): Disposable {
    return this.listeners.add(listener);
  }

  read(query: EventQuery): Promise<EventRecord[]> {
    return this.link.ask('events', query);
  }

  file(event: number, name: string): Promise<{ readonly type: string; readonly bytes: Uint8Array } | undefined> {
    return this.link.ask('eventFile', { event, name });
  }
}
