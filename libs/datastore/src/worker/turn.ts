import { isSmxError, type EventRecord, type LivePoint, type NewLedgerEntry } from '@smx-edge/model';
import { isDamage, writeMeta } from '../database/database.js';
import type { Faults } from './faults.js';
import { answerDatabase, type DatabaseRequest } from './database-requests.js';
import type { Answer } from './protocol.js';
import { wireError } from './store-error.js';
import type { StoreThread } from './store-thread.js';

/**
 * The database's part of a turn: all requests that came together in one transaction, answers after its commit. Points
 * and ledger entries are kept and tried again until they are in; other requests fail and their caller decides.
 */
export class Turn {
  private readonly points = new Map<number, LivePoint & { removed: boolean }>();
  private entries: NewLedgerEntry[] = [];
  private events: EventRecord[] = [];
  /** The head of the ledger as it was told. */
  private head: string;

  constructor(
    private readonly store: StoreThread,
    private readonly options: {
      readonly faults: Faults;
      /** What is told at once is one message. */
      readonly tell: (...answers: readonly Answer[]) => void;
      /** Whether an error is damage of the database, of which the thread ends then. */
      readonly isDamage: (error: unknown) => boolean;
    },
  ) {
    this.head = store.evidence.ledger.head;
  }

  /** Points that are not in the database yet: a sample of theirs must not reach the journal before them. */
  get pointsWait(): boolean {
    return this.points.size > 0;
  }

  run(requests: readonly DatabaseRequest[], now: number): void {
    const { faults, tell } = this.options;
    for (const request of requests) this.keep(request);
    const appended = this.entries.length;
    const told: Answer[] = [];
    try {
      const answers = this.store.db.transaction(() => this.work(requests, now))();
      const points = [...this.points.values()];
      this.points.clear();
      this.entries = [];
      if (points.length > 0) this.store.keepPoints(points);
      this.store.newsRecorded();
      faults.clear('database');
      const { head } = this.store.evidence.ledger;
      if (head !== this.head) told.push({ kind: 'ledger', head, appended });
      this.head = head;
      for (const event of this.events) told.push({ kind: 'event', event });
      told.push(...answers);
    } catch (failure) {
      const error = wireError(failure);
      faults.raise('database', error);
      if (!this.options.isDamage(failure)) this.store.rolledBack();
      for (const { id } of requests) told.push({ kind: 'failed', id, error });
    }
    if (told.length > 0) tell(...told);
  }

  /** Signs where the chains end; before the store is closed. */
  seal(now: number): void {
    const { db, evidence } = this.store;
    db.transaction(() => evidence.seal(now))();
    const { head } = evidence.ledger;
    if (head !== this.head) this.options.tell({ kind: 'ledger', head, appended: 0 });
  }

  private keep(request: DatabaseRequest): void {
    if (request.op === 'point') this.points.set(request.in.handle, request.in);
    if (request.op === 'append') this.entries.push(request.in);
  }

  private work(requests: readonly DatabaseRequest[], now: number): Answer[] {
    const { store } = this;
    for (const point of this.points.values()) store.catalogue.put(point, point.removed);
    for (const entry of this.entries) store.evidence.ledger.append(entry);
    // what links acknowledged goes along with what is written anyway
    const writes = this.points.size + this.entries.length > 0;
    if (store.lanes.isDue(now) || (writes && store.lanes.isDirty)) store.lanes.keep(now);
    const answers = requests.map((request): Answer => {
      try {
        return { kind: 'done', id: request.id, out: answerDatabase(store, request) };
      } catch (error) {
        // a request that is wrong in itself fails alone; the database's own errors end the transaction
        if (!isSmxError(error) || isDamage(error)) throw error;
        return { kind: 'failed', id: request.id, error: wireError(error) };
      }
    });
    if (store.evidence.isSealDue(now)) store.evidence.seal(now);
    this.events = store.recordNews(now);
    // without anything else to write, a fault would never be seen to end
    if (this.options.faults.has('database')) writeMeta(store.db, 'probe', String(now));
    return answers;
  }
}
