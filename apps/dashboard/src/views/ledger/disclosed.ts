import type { LedgerEntry } from '@smx-edge/model';

/** Points given in one form, as a disclosure entry has it. */
export interface DisclosedGroup {
  readonly every: string;
  readonly as?: string;
  readonly delay?: string;
  readonly round?: number;
  readonly points: readonly string[];
}

/** What one party received, summed over the entries. */
export interface Party {
  readonly name: string;
  readonly role: string;
  /** ms UTC. */
  readonly last: number;
  /** Quarter-hours in which it received anything. */
  readonly quarters: number;
  /** Newest list of what it reads; undefined where it was listed before these entries. */
  readonly reads: readonly DisclosedGroup[] | undefined;
  /** What it looked up in history, the newest first. */
  readonly history: readonly DisclosedGroup[];
}

interface Data {
  readonly role?: string;
  readonly set?: string;
  readonly reads?: readonly DisclosedGroup[];
  readonly history?: readonly DisclosedGroup[];
}

/**
 * Disclosures per party, the last active first. A set of points that had not changed stands in the ledger by the hash
 * under which it was listed before (docs/reference: ledger).
 */
export function disclosuresOf(entries: readonly LedgerEntry[]): Party[] {
  const parties = new Map<string, Party & { times: Set<number>; sets: Map<string, readonly DisclosedGroup[]> }>();
  for (const { t, kind, principal: name, data } of entries) {
    if (kind !== 'disclosure') continue;
    const { role = '', set, reads, history = [] } = data as Data;
    const known = parties.get(name);
    const times = (known?.times ?? new Set<number>()).add(t);
    const sets = known?.sets ?? new Map<string, readonly DisclosedGroup[]>();
    // a long list comes in parts under one hash
    if (set !== undefined && reads !== undefined)
      sets.set(set, known?.last === t ? [...(sets.get(set) ?? []), ...reads] : reads);
    parties.set(name, {
      name,
      role,
      last: t,
      times,
      sets,
      quarters: times.size,
      reads: set === undefined ? known?.reads : sets.get(set),
      history: [...history, ...(known?.history ?? [])],
    });
  }
  return [...parties.values()].sort((a, b) => b.last - a.last);
}
