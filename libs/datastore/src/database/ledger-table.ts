import type { LedgerEntry, NewLedgerEntry } from '@smx-edge/model';
import { LEDGER_GENESIS, ledgerHash, verifyChain, type LedgerVerdict } from '../ledger-chain.js';
import { readMeta, type Sqlite } from './database.js';

interface Row {
  readonly seq: number;
  readonly t: number;
  readonly kind: string;
  readonly principal: string;
  readonly data: string;
  readonly hash: string;
}

const entryOf = (row: Row): LedgerEntry =>
  ({ ...row, data: JSON.parse(row.data) as LedgerEntry['data'] }) as LedgerEntry;

/** The hash chain, append only. The head stands in `meta` too, so that entries cut off the end are missed. */
export class LedgerTable {
  seq = 0;
  head = LEDGER_GENESIS;

  constructor(private readonly db: Sqlite) {
    this.reload();
  }

  /** Reads the head again, after a transaction that came to nothing. */
  reload(): void {
    const head = readMeta(this.db, 'ledger');
    const [seq, hash] = head === undefined ? [] : (JSON.parse(head) as [number, string]);
    this.seq = seq ?? 0;
    this.head = hash ?? LEDGER_GENESIS;
  }

  /** Within the caller's transaction. `entry` has come through JSON. */
  append({ t, kind, principal, data }: NewLedgerEntry): void {
    const seq = this.seq + 1;
    const hash = ledgerHash(this.head, { seq, t, kind, principal, data });
    const row = { seq, t, kind, principal, data: JSON.stringify(data), hash };
    this.db.prepare('INSERT INTO ledger VALUES (@seq, @t, @kind, @principal, @data, @hash)').run(row);
    this.db.prepare("INSERT OR REPLACE INTO meta VALUES ('ledger', ?)").run(JSON.stringify([seq, hash]));
    this.seq = seq;
    this.head = hash;
  }

  /** Entries from `from` on, at most `limit`. */
  read(from: number, limit: number): LedgerEntry[] {
    return this.db
      .prepare<[number, number], Row>('SELECT * FROM ledger WHERE seq >= ? ORDER BY seq LIMIT ?')
      .all(from, limit)
      .map(entryOf);
  }

  verify(): LedgerVerdict {
    return verifyChain(this.entries(), { head: this.head });
  }

  private *entries(): Generator<LedgerEntry> {
    for (const row of this.db.prepare<[], Row>('SELECT * FROM ledger ORDER BY seq').iterate()) {
      let entry: LedgerEntry;
      try {
        entry = entryOf(row);
      } catch {
        // text that is no JSON any more fits no hash
        entry = { ...row, data: {}, hash: '' } as LedgerEntry;
      }
      yield entry;
    }
  }
}
