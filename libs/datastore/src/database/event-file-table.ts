import { createHash } from 'node:crypto';
import { checkFiles, SmxError, type NewEventFile } from '@smx-edge/model';
import type { Sqlite } from './database.js';
import type { FileShelf } from './file-shelf.js';
import type { LedgerTable } from './ledger-table.js';
import type { News } from './news.js';
import { asWritten, type Summed } from './row-sum.js';

/** Smallest piece of a file system. */
const BLOCK = 4096;
/** Entries of the ledger name at most so many files that went. */
const MOST_NAMED = 200;

export interface EventFile {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** A file as the tables know it. */
export interface KeptFile {
  readonly event: number;
  readonly place: number;
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface EventFileTableOptions {
  readonly shelf: FileShelf;
  readonly ledger: LedgerTable;
  readonly news: News;
  /** Bytes that all files together may take. */
  readonly quota: number;
}

/** Which event has which files. Their hashes stand in the ledger too, and so does it when one goes. */
export class EventFileTable {
  private doomed: KeptFile[] = [];

  constructor(
    private readonly db: Sqlite,
    private readonly o: EventFileTableOptions,
  ) {}

  /** Within the transaction of the event. Throws SMX_EVENT_FILE. */
  add(event: number, { code, files, now }: { code: string; files: readonly NewEventFile[]; now: number }): void {
    checkFiles(code, files);
    const { ledger, shelf } = this.o;
    const insert = this.db.prepare('INSERT INTO event_files VALUES (?, ?, ?, ?, ?, ?, NULL)');
    const named = files.map(({ name, type, bytes }, place) => {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      shelf.write(event, place, bytes);
      insert.run(event, place, name, type, bytes.length, sha256);
      return { name, type, bytes: bytes.length, sha256 };
    });
    shelf.sync();
    ledger.append({ t: now, kind: 'file', principal: 'core', data: { event, files: named } });
    this.hold(event, now);
  }

  /** Names by event, of events from … to. */
  names(from: number, to: number): Map<number, string[]> {
    const found = new Map<number, string[]>();
    for (const row of this.db
      .prepare<[number, number], Summed<{ event: number; name: string }>>(
        'SELECT event, name, sound FROM event_files WHERE event >= ? AND event <= ? ORDER BY event, place',
      )
      .all(from, to)) {
      const { event, name } = asWritten('event_files', row);
      const names = found.get(event);
      if (names === undefined) found.set(event, [name]);
      else names.push(name);
    }
    return found;
  }

  /** Undefined where the event has no such file. Throws SMX_EVENT_FILE_GONE, SMX_STORE_DAMAGED. */
  read(event: number, name: string): EventFile | undefined {
    const found = this.db
      .prepare<[number, string], Summed<KeptFile & { type: string; dropped: number | null }>>(
        'SELECT event, place, name, type, bytes, sha256, dropped, sound FROM event_files WHERE event = ? AND name = ?',
      )
      .get(event, name);
    if (found === undefined) return undefined;
    const row = asWritten('event_files', found);
    if (row.dropped !== null)
      throw new SmxError(
        'SMX_EVENT_FILE_GONE',
        `${name} of event ${event} was deleted at ${new Date(row.dropped).toISOString()} to stay within the bound of files`,
      );
    const bytes = this.sound(row);
    if (bytes === undefined)
      throw new SmxError(
        'SMX_STORE_DAMAGED',
        `${name} of event ${event} is damaged on disk; what is there is not given`,
      );
    // a copy of its own: a small buffer shares its memory with others and cannot be handed over
    return { type: row.type, bytes: Uint8Array.from(bytes) };
  }

  /** The bytes of a file where they are what was kept. */
  sound({ event, place, sha256 }: KeptFile): Buffer | undefined {
    let bytes: Buffer;
    try {
      bytes = this.o.shelf.read(event, place);
    } catch (error) {
      if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
    return createHash('sha256').update(bytes).digest('hex') === sha256 ? bytes : undefined;
  }

  /** Files that should be on disk. */
  kept(): KeptFile[] {
    return this.db
      .prepare<[], Summed<KeptFile>>(
        'SELECT event, place, name, bytes, sha256, sound FROM event_files WHERE dropped IS NULL ORDER BY event, place',
      )
      .all()
      .map((row) => asWritten('event_files', row));
  }

  isKept({ event, place }: KeptFile): boolean {
    const sql = 'SELECT 1 FROM event_files WHERE event = ? AND place = ? AND dropped IS NULL';
    return this.db.prepare(sql).get(event, place) !== undefined;
  }

  /** Files of events up to `last` go with them. */
  prune(last: number, now: number): void {
    const rows = this.db
      .prepare<[number], KeptFile>(
        'SELECT event, place, name, bytes, sha256 FROM event_files WHERE event <= ? AND dropped IS NULL',
      )
      .all(last);
    this.drop(rows, now);
    this.db.prepare('DELETE FROM event_files WHERE event <= ?').run(last);
  }

  /** The transaction is committed: what it let go is taken from the disk. */
  settle(): void {
    for (const { event, place } of this.doomed.splice(0)) this.o.shelf.remove(event, place);
  }

  /** The transaction came to nothing. */
  forget(): void {
    this.doomed = [];
  }

  /** Takes away what a crash left without its event, or left of what was let go; keeps it under `aside` where that is given. */
  sweep(aside?: string): void {
    const kept = new Set(this.kept().map(({ event, place }) => `${event}-${place}`));
    this.o.shelf.sweep((name) => kept.has(name), aside);
  }

  /** Lets the oldest go until all fit; those of the newest event stay. */
  private hold(newest: number, now: number): void {
    const taken = `sum((bytes + ${BLOCK - 1}) / ${BLOCK} * ${BLOCK})`;
    const { size } = this.db
      .prepare<[], { size: number }>(`SELECT ${taken} AS size FROM event_files WHERE dropped IS NULL`)
      .get()!;
    let over = size - this.o.quota;
    if (over <= 0) return;
    const going: KeptFile[] = [];
    for (const file of this.db
      .prepare<[number], KeptFile>(
        'SELECT event, place, name, bytes, sha256 FROM event_files WHERE event < ? AND dropped IS NULL ORDER BY event, place',
      )
      .iterate(newest)) {
      going.push(file);
      over -= Math.ceil(file.bytes / BLOCK) * BLOCK;
      if (over <= 0) break;
    }
    this.drop(going, now);
  }

  private drop(files: readonly KeptFile[], now: number): void {
    const [first, last] = [files[0], files.at(-1)];
    if (first === undefined || last === undefined) return;
    const mark = this.db.prepare('UPDATE event_files SET dropped = ? WHERE event = ? AND place = ?');
    for (const { event, place } of files) mark.run(now, event, place);
    this.doomed.push(...files);
    const { ledger, news } = this.o;
    for (let at = 0; at < files.length; at += MOST_NAMED) {
      const dropped = files.slice(at, at + MOST_NAMED).map(({ event, name }) => [event, name]);
      ledger.append({ t: now, kind: 'file', principal: 'core', data: { dropped } });
    }
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    news.add({
      t: now,
      path: 'box',
      code: 'SMX_EVENT_FILE_GONE',
      severity: 'info',
      state: 'once',
      text: `The oldest ${files.length} files of events were deleted to stay within the bound of files.`,
      data: { files: files.length, bytes, events: [first.event, last.event] },
    });
  }
}
