import { createHash } from 'node:crypto';
import type { LedgerEntry } from '@smx-edge/model';
import { canonicalJson } from './canonical-json.js';

/** The hash before the first entry. */
export const LEDGER_GENESIS = '0'.repeat(64);

/** SHA-256 over the previous hash (hex text) and the canonical JSON of the entry without its hash, hex. */
export function ledgerHash(previous: string, { seq, t, kind, principal, data }: Omit<LedgerEntry, 'hash'>): string {
  return createHash('sha256').update(previous).update(canonicalJson({ seq, t, kind, principal, data })).digest('hex');
}

export interface LedgerVerdict {
  readonly ok: boolean;
  /** Entries that verify, counted up to the first that does not. */
  readonly entries: number;
  /** `seq` that the first bad entry should have. */
  readonly firstBad?: number;
}

/** Where a chain begins and, where known, ends: what was pruned before, and the head published outside. */
export interface LedgerBounds {
  readonly after?: { readonly seq: number; readonly hash: string };
  /** Hash of the last entry; without it a chain cut off at its end cannot be told from a whole one. */
  readonly head?: string;
}

/** Walks entries in order and tells the first that does not continue the chain. */
export function verifyChain(entries: Iterable<LedgerEntry>, bounds: LedgerBounds = {}): LedgerVerdict {
  let { seq, hash } = bounds.after ?? { seq: 0, hash: LEDGER_GENESIS };
  let count = 0;
  for (const entry of entries) {
    if (entry.seq !== seq + 1 || entry.hash !== ledgerHash(hash, entry))
      return { ok: false, entries: count, firstBad: seq + 1 };
    ({ seq, hash } = entry);
    count++;
  }
  if (bounds.head !== undefined && bounds.head !== hash) return { ok: false, entries: count, firstBad: seq + 1 };
  return { ok: true, entries: count };
}

/** Verifies an export of the ledger, one JSON entry a line, away from the box. A line that is no entry is a bad entry. */
export function verifyLedgerExport(lines: Iterable<string>, bounds: LedgerBounds = {}): LedgerVerdict {
  return verifyChain(parseLines(lines), bounds);
}

function* parseLines(lines: Iterable<string>): Generator<LedgerEntry> {
  for (const line of lines) {
    if (line.trim() === '') continue;
    let entry: unknown;
    try {
      entry = JSON.parse(line);
    } catch {
      entry = undefined;
    }
    const whole = typeof entry === 'object' && entry !== null;
    // an entry without number or hash continues no chain, which is the verdict
    yield (whole ? entry : { seq: NaN, hash: '' }) as LedgerEntry;
  }
}
