import type { LedgerEntry, LedgerSink, NewLedgerEntry, PrincipalRecord } from '@smx-edge/model';
import type { AuditVerdict } from '../proof/audit.js';
import type { ExportLine } from '../proof/export.js';
import { makeDataFolder } from './folder.js';
import { freshJson, LONGEST_DATA } from './json-text.js';
import { lockFolder } from './lock.js';

const MOST_ROWS = 1000;

/** The store as a command sees it while no core runs: principals and the ledger, each write durable when it returns. */
export interface StoreAdmin extends LedgerSink {
  principals(): readonly PrincipalRecord[];
  putPrincipal(record: PrincipalRecord): Promise<void>;
  removePrincipal(name: string): Promise<void>;
  /** Entries from number `from` on (1 = the first), at most 1000 a call. */
  ledger(query: { from?: number; limit?: number }): Promise<LedgerEntry[]>;
  /** Checks ledger, load profiles and files of events. */
  verifyLedger(): Promise<AuditVerdict>;
  /** Everything that proves itself, as the lines of an export. */
  evidence(): AsyncGenerator<ExportLine>;
  close(): Promise<void>;
}

/**
 * Opens the store of a data folder (created where it is not there) for administration, in this thread.
 * Rejects with SMX_STORE_LOCKED while a core runs, SMX_STORE_FOLDER, and SMX_STORE_DAMAGED: damage is left for the core.
 */
export async function openStoreForAdmin(dir: string, now = Date.now()): Promise<StoreAdmin> {
  makeDataFolder(dir);
  const lock = lockFolder(dir);
  try {
    // loaded here only: the core itself has SQLite in its store's thread and not in its own
    const { openDatabase, STORE } = await import('../database/database.js');
    const { PrincipalTable } = await import('../database/principal-table.js');
    const { Evidence } = await import('../database/evidence.js');
    const { exportLines } = await import('../proof/export.js');
    const { sourceOf, verifyEvidence } = await import('../worker/verify-job.js');
    const { db } = openDatabase(dir, STORE, now);
    const principals = new PrincipalTable(db);
    const evidence = new Evidence(db, { folder: dir });
    const { ledger } = evidence;
    return {
      principals: () => principals.all(),
      putPrincipal: async (record) => principals.put(record),
      removePrincipal: async (name) => principals.remove(name),
      append: (entry: NewLedgerEntry) => {
        const plain = freshJson(entry, `a ledger entry of ${entry.principal}`, LONGEST_DATA);
        db.transaction(() => ledger.append(plain))();
      },
      ledger: async ({ from = 1, limit = MOST_ROWS }) => ledger.read(from, Math.max(0, Math.min(limit, MOST_ROWS))),
      verifyLedger: () => verifyEvidence(evidence, now),
      evidence: () => exportLines(sourceOf(evidence, now), { page: MOST_ROWS }),
      close: async () => {
        db.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
