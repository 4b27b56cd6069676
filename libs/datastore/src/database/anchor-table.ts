import { anchorText } from '../proof/profile-chain.js';
import type { Sqlite } from './database.js';
import type { KeyTable } from './key-table.js';

/** Where a chain begins after its oldest part was pruned. */
export interface Anchor {
  /** `ledger`, or `profile device/id`. */
  readonly chain: string;
  /** The last that was pruned, and its hash. */
  readonly seq: number;
  readonly hash: string;
  /** When, ms UTC. */
  readonly t: number;
  /** Name of the device key, and its signature (base64). */
  readonly key: string;
  readonly sig: string;
}

/** The newest anchor of each chain. Only the box can make one, so a chain cut off by others is missed. */
export class AnchorTable {
  constructor(
    private readonly db: Sqlite,
    private readonly keys: KeyTable,
  ) {}

  /** Within the transaction that prunes. */
  put(chain: string, { seq, hash }: { seq: number; hash: string }, now: number): void {
    const { key, sig } = this.keys.sign(anchorText(chain, { seq, hash }), now);
    this.db
      .prepare('INSERT OR REPLACE INTO anchors VALUES (?, ?, ?, ?, ?, ?)')
      .run(chain, seq, hash, now, key, sig.toString('base64'));
  }

  all(): Anchor[] {
    return this.db
      .prepare<[], Anchor>(
        'SELECT chain, seq, hash, t, keys.name AS key, sig FROM anchors JOIN keys ON keys.id = anchors.key ORDER BY chain',
      )
      .all();
  }
}
