import type { Clock, LedgerEntry, LedgerSink, NewLedgerEntry } from '@smx-edge/model';
import type { KeyRecord } from '../database/key-table.js';
import type { AuditVerdict } from '../proof/audit.js';
import { exportLines, type ExportLine, type ExportSource } from '../proof/export.js';
import { freshJson, LONGEST_DATA } from './json-text.js';
import type { ThreadLink } from './thread-link.js';

const MOST_ROWS = 1000;
/** Entries that wait in memory while the disk refuses them; more are let go, and that is written down. */
const MOST_WAITING = 10_000;

export interface LedgerBookOptions {
  readonly clock: Clock;
  /** Hash of the newest entry, hex. */
  readonly head: string;
  /** What is asked without waiting for the answer. */
  readonly post: (asked: Promise<unknown>) => void;
}

/** The ledger of the store, and all that proves itself. */
export class LedgerBook implements LedgerSink {
  /** Hash of the newest entry, hex. */
  head: string;
  /** Entries the thread has not committed yet, for one that takes its place. */
  private waiting: NewLedgerEntry[] = [];
  private lost = 0;

  constructor(
    private readonly link: ThreadLink,
    private readonly o: LedgerBookOptions,
  ) {
    this.head = o.head;
  }

  /** Appends in the order of calls. Throws SMX_STORE_VALUE. */
  append({ t, kind, principal, data }: NewLedgerEntry): void {
    const entry = { t, kind, principal, data: freshJson(data, `a ledger entry of ${principal}`, LONGEST_DATA) };
    if (this.waiting.length >= MOST_WAITING) {
      this.lost++;
      return;
    }
    this.waiting.push(entry);
    this.o.post(this.link.ask('append', entry));
  }

  /** The thread has committed so many of those that wait. */
  committed(head: string, appended: number): void {
    this.head = head;
    this.waiting.splice(0, appended);
    const { lost } = this;
    if (lost === 0) return;
    this.lost = 0;
    const data = { lost, why: 'the disk refused' };
    this.append({ t: this.o.clock.now(), kind: 'system', principal: 'core', data });
  }

  /** Gives a new thread what the one before had not committed. */
  renew(): void {
    for (const entry of this.waiting) this.o.post(this.link.ask('append', entry));
  }

  /** Entries from number `from` on (1 = the first, -1 = the last), at most 1000. */
  read({ from = 1, limit = MOST_ROWS }: { from?: number; limit?: number }): Promise<LedgerEntry[]> {
    return this.link.ask('ledger', { from, limit: Math.max(0, Math.min(limit, MOST_ROWS)) });
  }

  /** Checks ledger, load profiles and files of events. */
  verify(): Promise<AuditVerdict> {
    return this.link.ask('verifyLedger', undefined);
  }

  /** The lines of an export (see `exportLines`). */
  evidence(mayGive?: (path: string) => boolean): AsyncGenerator<ExportLine> {
    const { link } = this;
    const source: ExportSource = {
      begin: () => link.ask('evidence', undefined),
      ledger: (query) => link.ask('ledger', query),
      commits: (query) => link.ask('profileCommits', query),
    };
    return exportLines(source, { page: MOST_ROWS, ...(mayGive === undefined ? {} : { mayGive }) });
  }

  /** The public keys that signed here, the present one last. */
  keys(): Promise<KeyRecord[]> {
    return this.link.ask('keys', undefined);
  }
}
