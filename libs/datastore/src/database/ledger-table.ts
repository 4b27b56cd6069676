import type { LedgerEntry, NewLedgerEntry } from '@smx-edge/model';
import { LEDGER_GENESIS, ledgerHash } from '../proof/ledger-chain.js';
import type { AnchorTable } from './anchor-table.js';
import { readMeta, writeMeta, type Sqlite } from './database.js';
import type { Summed } from './row-sum.js';

/** Entries that are kept; a party that is given values has about a hundred a day. */
const MOST_ENTRIES = 300_000;
const PRUNE_EVERY = 512;
/** Name of the chain among the anchors. */
const LEDGER = 'ledger';

interface Row {
  readonly seq: number;
  readonly t: number;
  readonly kind: string;
  readonly principal: string;
  readonly data: string;
  readonly hash: string;
}

function entryOf({ sound, ...row }: Summed<Row>): LedgerEntry {
  // what is not what was written fits no hash
  const nothing = { ...row, data: {}, hash: '' } as LedgerEntry;
  if (sound !== 1) return nothing;
  try {
    return { ...row, data: JSON.parse(row.data) as LedgerEntry['data'] } as LedgerEntry;
  } catch {
    // text that is no JSON was not written here
    return nothing;
  }
}

/** The hash chain, append only. The head stands in `meta` too, so that entries cut off the end are missed. */
export class LedgerTable {
  seq = 0;
  head = LEDGER_GENESIS;

  constructor(
    private readonly db: Sqlite,
    private readonly o: { readonly anchors: AnchorTable; readonly most?: number },
  ) {
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
    writeMeta(this.db, 'ledger', JSON.stringify([seq, hash]));
    this.seq = seq;
    this.head = hash;
    const { most = MOST_ENTRIES } = this.o;
    if (seq % Math.min(PRUNE_EVERY, most) === 0) this.prune(seq - most, t);
  }

  /** Entries from `from` on, at most `limit`; a negative `from` counts from the end. */
  read(from: number, limit: number): LedgerEntry[] {
    return this.db
      .prepare<[number, number], Summed<Row>>(
        'SELECT seq, t, kind, principal, data, hash, sound FROM ledger WHERE seq >= ? ORDER BY seq LIMIT ?',
      )
      .all(from < 0 ? this.seq + 1 + from : from, limit)
      .map(entryOf);
  }

  /** Entries up to number `last` go, behind an anchor. */
  private prune(last: number, now: number): void {
    const [entry] = last < 1 ? [] : this.read(last, 1);
    if (entry?.seq !== last || entry.hash === '') return;
    this.db.prepare('DELETE FROM ledger WHERE seq <= ?').run(last);
    this.o.anchors.put(LEDGER, entry, now);
  }
}
