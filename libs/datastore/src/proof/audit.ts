import type { KeyObject } from 'node:crypto';
import { profilePath, type LedgerEntry, type ProfileDefinition } from '@smx-edge/model';
import type { Anchor } from '../database/anchor-table.js';
import { LEDGER_GENESIS, ledgerHash } from './ledger-chain.js';
import { Chain } from './chain.js';
import { isSigned, publicKeyOf, type PublicKey } from './device-key.js';
import type { ExportHeader, ExportRow } from './export.js';
import { headText, type SignedHead } from './head.js';
import { anchorText, chainOf, profileGenesis, rowHash, rowText } from './profile-chain.js';

const MOST_FAULTS = 100;

/** Whether everything that was checked is whole. */
export interface AuditVerdict {
  readonly ok: boolean;
  /** Entries of the ledger that verify, counted up to the first that does not. */
  readonly entries: number;
  /** `seq` that the first bad entry should have. */
  readonly firstBad?: number;
  /** Rows of load profiles that verify, of so many profiles. */
  readonly rows: number;
  readonly profiles: number;
  readonly seals: number;
  /** Names of the keys that signed, to be compared with what the box says of itself. */
  readonly keys: readonly string[];
  /** What is wrong, in words; at most 100. */
  readonly faults: readonly string[];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Walks the lines of an export in order and finds every entry and row that was changed, taken out, put in, moved or cut
 * off, by their hashes, the seals and the signed head alone. Trusts nothing but the keys it is told to.
 */
export class Audit {
  private readonly keys = new Map<string, KeyObject | undefined>();
  private readonly signers = new Set<string>();
  private readonly chains = new Map<string, Chain>([['ledger', new Chain('the ledger', LEDGER_GENESIS)]]);
  private readonly withheld = new Set<string>();
  private readonly anchors = new Map<string, Anchor>();
  /** Ends that seals and entries of the ledger tell of profiles, before these come. */
  private readonly told = new Map<string, [seq: number, hash: string][]>();
  /** SHA-256 by event and name as the ledger has it; null for files that were let go. */
  readonly files = new Map<string, string | null>();
  private readonly faults: string[] = [];
  private header: ExportHeader | undefined;
  private head: SignedHead | undefined;
  private seals = 0;
  private lines = 0;

  /** Names of keys that are trusted; without them those of the export are. */
  constructor(private readonly trusted?: ReadonlySet<string>) {}

  take(line: unknown): void {
    this.lines++;
    try {
      if (!isRecord(line) || !this.takeKnown(line)) this.fault(`line ${this.lines} is none of an export`);
    } catch {
      // a line of another shape breaks nothing but itself, which is the verdict
      this.fault(`line ${this.lines} is not as lines of an export are`);
    }
  }

  /** Whether the ledger still holds what was written of files of events long ago. */
  get isLedgerWhole(): boolean {
    return !this.anchors.has('ledger');
  }

  finish(): AuditVerdict {
    if (this.head === undefined) this.fault('it ends without its signed head: its end is missing');
    for (const chain of this.chains.values()) for (const text of chain.finish()) this.fault(text);
    const ledger = this.chains.get('ledger')!;
    const profiles = [...this.chains].filter(([name]) => name !== 'ledger');
    const rows = profiles.reduce((sum, [, chain]) => sum + chain.count, 0);
    const keys = [...this.signers].sort();
    const firstBad = ledger.firstBad === undefined ? {} : { firstBad: ledger.firstBad };
    const { seals, faults } = this;
    return {
      ok: faults.length === 0,
      entries: ledger.count,
      ...firstBad,
      rows,
      profiles: profiles.length,
      seals,
      keys,
      faults,
    };
  }

  fault(text: string): void {
    if (this.faults.length < MOST_FAULTS) this.faults.push(text);
  }

  private takeKnown(line: Record<string, unknown>): boolean {
    if (this.head !== undefined) this.fault('there is more after its signed head');
    if ('seq' in line) this.entry(line as unknown as LedgerEntry);
    else if ('row' in line) this.row(line['row'] as ExportRow);
    else if ('key' in line) this.key(line['key'] as PublicKey);
    else if ('anchor' in line) this.anchor(line['anchor'] as Anchor);
    else if ('seal' in line) this.seal(line['seal'] as SignedHead);
    else if ('profile' in line) this.profile(line['profile'] as ProfileDefinition, line['withheld'] === true);
    else if ('head' in line) this.end(line['head'] as SignedHead);
    else if ('export' in line && this.lines === 1) this.begin(line['export'] as ExportHeader);
    else return false;
    return true;
  }

  private begin(header: ExportHeader): void {
    if (header.v !== 1) this.fault(`its version ${String(header.v)} is not known`);
    this.header = header;
  }

  private key(key: PublicKey): void {
    this.keys.set(key.name, publicKeyOf(key));
  }

  private anchor(anchor: Anchor): void {
    if (!this.isSigned(anchorText(anchor.chain, anchor), anchor))
      this.fault(`the anchor of ${anchor.chain} is not signed by a key of the box`);
    this.anchors.set(anchor.chain, anchor);
    if (anchor.chain === 'ledger') this.chains.set('ledger', new Chain('the ledger', anchor.hash, anchor.seq));
  }

  private seal(seal: SignedHead): void {
    if (!this.isSigned(headText(seal.head), seal))
      this.fault(`the seal of ${new Date(seal.head.t).toISOString()} is not signed by a key of the box`);
    const { seq, hash } = seal.head.ledger;
    this.chains.get('ledger')!.expect(seq, hash);
    for (const [path, at, end] of seal.head.profiles) this.tell(path, at, end);
    this.seals++;
  }

  private entry(entry: LedgerEntry): void {
    const ledger = this.chains.get('ledger')!;
    if (!ledger.add(entry, (before) => ledgerHash(before, entry))) return;
    const { heads, event, files, dropped } = entry.data;
    if (entry.kind === 'profile' && Array.isArray(heads))
      for (const [path, seq, hash] of heads as [string, number, string][]) this.tell(path, seq, hash);
    if (entry.kind !== 'file') return;
    for (const { name, sha256 } of (files ?? []) as { name: string; sha256: string }[])
      this.files.set(`${String(event)} ${name}`, sha256);
    for (const [of, name] of (dropped ?? []) as [number, string][]) this.files.set(`${of} ${name}`, null);
  }

  private profile(definition: ProfileDefinition, withheld: boolean): void {
    const path = profilePath(definition);
    if (withheld) {
      this.withheld.add(path);
      return;
    }
    const anchor = this.anchors.get(chainOf(definition));
    const chain = new Chain(path, anchor?.hash ?? profileGenesis(definition), anchor?.seq);
    for (const [seq, hash] of this.told.get(path) ?? []) chain.expect(seq, hash);
    this.chains.set(path, chain);
  }

  private row(row: ExportRow): void {
    const chain = this.chains.get(row.of);
    if (chain === undefined || row.of === 'ledger') {
      this.fault(`there are rows of ${row.of}, of which nothing is said`);
      return;
    }
    if (!chain.add(row, (before) => rowHash(before, row))) return;
    if (!this.isSigned(rowText(row.hash), row))
      this.fault(`row ${row.seq} of ${row.of} is not signed by a key of the box`);
  }

  private end(signed: SignedHead): void {
    this.head = signed;
    const { head } = signed;
    if (!this.isSigned(headText(head), signed)) this.fault('its head is not signed by a key of the box');
    // what the first line says is proved by the last, which is signed
    if (this.header?.epoch !== head.epoch || this.header.t !== head.t)
      this.fault('its first line is not that of its signed head');
    this.chains.get('ledger')!.end(head.ledger.seq, head.ledger.hash);
    for (const [path, seq, hash] of head.profiles) {
      const chain = this.chains.get(path);
      if (chain !== undefined) chain.end(seq, hash);
      else if (!this.withheld.has(path)) this.fault(`the load profile ${path} is missing`);
    }
    const named = new Set(head.profiles.map(([path]) => path));
    for (const [path, chain] of this.chains)
      if (path !== 'ledger' && !named.has(path) && chain.count > 0) this.fault(`the head knows of no rows of ${path}`);
  }

  private tell(path: string, seq: number, hash: string): void {
    const told = this.told.get(path);
    if (told === undefined) this.told.set(path, [[seq, hash]]);
    else told.push([seq, hash]);
  }

  private isSigned(text: string, { key: name, sig }: { readonly key: string; readonly sig: string }): boolean {
    const key = this.keys.get(name);
    if (key === undefined || (this.trusted !== undefined && !this.trusted.has(name))) return false;
    this.signers.add(name);
    return isSigned(text, sig, key);
  }
}
