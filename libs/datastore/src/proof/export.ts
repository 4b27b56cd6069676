import { profilePath, type LedgerEntry, type ProfileDefinition, type ProfileRecord } from '@smx-edge/model';
import type { Anchor } from '../database/anchor-table.js';
import type { EvidenceStart } from '../database/evidence.js';
import type { KeyRecord } from '../database/key-table.js';
import type { SignedHead } from './head.js';

/** A line of an export; entries of the ledger stand as they are. */
export type ExportLine =
  | { readonly export: ExportHeader }
  | { readonly key: KeyRecord }
  | { readonly anchor: Anchor }
  | { readonly seal: SignedHead }
  | LedgerEntry
  /** `withheld`: its rows are not in this export. */
  | { readonly profile: ProfileDefinition; readonly withheld?: true }
  | { readonly row: ExportRow }
  | { readonly head: SignedHead };

/** The first line. `epoch` and `t` (ms UTC) are those of the head, under whose signature they stand. */
export interface ExportHeader {
  /** Version of the lines, 1. */
  readonly v: number;
  readonly epoch: number;
  readonly t: number;
}

export interface ExportRow extends Pick<ProfileRecord, 'seq' | 'row' | 'source' | 'hash' | 'key' | 'sig'> {
  /** `device/id`. */
  readonly of: string;
}

/** What an export reads, page by page. */
export interface ExportSource {
  begin(): Promise<EvidenceStart>;
  ledger(query: { readonly from: number; readonly limit: number }): Promise<readonly LedgerEntry[]>;
  commits(query: { readonly after: number; readonly limit: number }): Promise<readonly ProfileRecord[]>;
}

export interface ExportOptions {
  /** Entries and rows read at once. */
  readonly page: number;
  /** Whether the rows of a load profile `device/id` may be part of it; default all. */
  readonly mayGive?: (path: string) => boolean;
}

/**
 * The whole evidence of a store: keys, anchors, seals, ledger, load profiles, and last where all that ends, signed. It is
 * what an offline verifier needs and all it needs.
 */
export async function* exportLines(source: ExportSource, o: ExportOptions): AsyncGenerator<ExportLine> {
  const { keys, anchors, seals, profiles, head } = await source.begin();
  const { t, epoch, ledger } = head.head;
  yield { export: { v: 1, epoch, t } };
  for (const key of keys) yield { key };
  for (const anchor of anchors) yield { anchor };
  for (const seal of seals) yield { seal };
  yield* entries(source, { last: ledger.seq, page: o.page });
  const given = new Set<string>();
  for (const profile of profiles)
    if (o.mayGive?.(profilePath(profile)) === false) yield { profile, withheld: true };
    else {
      given.add(profilePath(profile));
      yield { profile };
    }
  yield* rows(source, { ends: new Map(head.head.profiles.map(([path, seq]) => [path, seq])), given, page: o.page });
  yield { head };
}

async function* entries(
  source: ExportSource,
  { last, page }: { last: number; page: number },
): AsyncGenerator<LedgerEntry> {
  for (let from = 1; from <= last;) {
    const found = await source.ledger({ from, limit: page });
    for (const entry of found) if (entry.seq <= last) yield entry;
    if (found.length < page) return;
    from = found.at(-1)!.seq + 1;
  }
}

async function* rows(
  source: ExportSource,
  { ends, given, page }: { ends: ReadonlyMap<string, number>; given: ReadonlySet<string>; page: number },
): AsyncGenerator<ExportLine> {
  for (let after = 0; ;) {
    const found = await source.commits({ after, limit: page });
    for (const { device, profile, seq, row, source: bytes, hash, key, sig } of found) {
      const of = `${device}/${profile}`;
      // rows that came since the head was signed are not part of it
      if (given.has(of) && seq <= (ends.get(of) ?? 0)) yield { row: { of, seq, row, source: bytes, hash, key, sig } };
    }
    if (found.length < page) return;
    after = found.at(-1)!.id;
  }
}
