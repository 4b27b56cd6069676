import type { ProfileDefinition } from '@smx-edge/model';
import { headText, type Head, type SignedHead } from '../proof/head.js';
import { AnchorTable, type Anchor } from './anchor-table.js';
import { readMeta, type Sqlite } from './database.js';
import { EventFileTable } from './event-file-table.js';
import { FileShelf } from './file-shelf.js';
import { KeyTable, type KeyRecord } from './key-table.js';
import { LedgerTable } from './ledger-table.js';
import { News } from './news.js';
import { ProfileTable } from './profile-table.js';
import { SealTable } from './seal-table.js';

const HOUR = 3_600_000;

/** What an export or a check begins with. */
export interface EvidenceStart {
  readonly keys: readonly KeyRecord[];
  readonly anchors: readonly Anchor[];
  readonly seals: readonly SignedHead[];
  readonly profiles: readonly ProfileDefinition[];
  /** Where the chains end now; what comes later is not part of it. */
  readonly head: SignedHead;
}

export interface EvidenceOptions {
  /** The data folder. */
  readonly folder: string;
  /** Bytes that files of events may take; default without bound. */
  readonly quota?: number;
  /** Entries of the ledger, and rows of load profiles, that are kept. */
  readonly entries?: number;
  readonly rows?: number;
}

/** The tables that prove themselves: ledger, load profiles and files of events, with the key that signs for them. */
export class Evidence {
  readonly news = new News();
  readonly keys: KeyTable;
  readonly anchors: AnchorTable;
  readonly ledger: LedgerTable;
  readonly profiles: ProfileTable;
  readonly files: EventFileTable;
  readonly shelf: FileShelf;
  private readonly seals: SealTable;

  constructor(
    private readonly db: Sqlite,
    { folder, quota = Infinity, entries, rows }: EvidenceOptions,
  ) {
    const { news } = this;
    const keys = (this.keys = new KeyTable(db, { folder, news }));
    const anchors = (this.anchors = new AnchorTable(db, keys));
    const ledger = (this.ledger = new LedgerTable(db, {
      anchors,
      ...(entries === undefined ? {} : { most: entries }),
    }));
    this.profiles = new ProfileTable(db, { keys, anchors, news, ...(rows === undefined ? {} : { most: rows }) });
    this.shelf = new FileShelf(folder);
    this.files = new EventFileTable(db, { shelf: this.shelf, ledger, news, quota });
    this.seals = new SealTable(db, keys);
  }

  /** The transaction came to nothing. */
  rolledBack(): void {
    this.ledger.reload();
    this.seals.reload();
    this.news.drop();
    this.files.forget();
  }

  /** Whether an hour has passed, or the clock was set back, since the last seal, and something was added. */
  isSealDue(now: number): boolean {
    const last = this.seals.last;
    if (last !== undefined && now >= last.t && now < last.t + HOUR) return false;
    return this.isUnsealed(last);
  }

  /**
   * Signs where the chains end, within the caller's transaction. The ends of load profiles go into the ledger first, so
   * that the one hash that `state` publishes stands for the rows too. Nothing where nothing was added.
   */
  seal(now: number): void {
    const last = this.seals.last;
    if (!this.isUnsealed(last)) return;
    const known = new Map(last?.profiles.map(([path, , hash]) => [path, hash]));
    const heads = this.head(now).profiles.filter(([path, , hash]) => known.get(path) !== hash);
    if (heads.length > 0) this.ledger.append({ t: now, kind: 'profile', principal: 'core', data: { heads } });
    this.seals.add(this.head(now));
  }

  /** Throws where there is no key yet and the disk refuses one. */
  begin(now: number): EvidenceStart {
    const head = this.head(now);
    const key = this.keys.open(now);
    const signed = { head, key: key.name, sig: key.sign(headText(head)).toString('base64') };
    const keys = this.keys.all();
    const known = keys.some(({ name }) => name === key.name);
    return {
      keys: known ? keys : [...keys, { name: key.name, public: key.public, since: now }],
      anchors: this.anchors.all(),
      seals: this.seals.all(),
      profiles: this.profiles.all(),
      head: signed,
    };
  }

  private isUnsealed(last: Head | undefined): boolean {
    const { ledger, profiles } = this.head(0);
    if (last === undefined) return ledger.seq > 0 || profiles.length > 0;
    return last.ledger.hash !== ledger.hash || JSON.stringify(last.profiles) !== JSON.stringify(profiles);
  }

  private head(t: number): Head {
    const { seq, head: hash } = this.ledger;
    const profiles = this.profiles
      .heads()
      .filter((profile) => profile.seq > 0)
      .map((profile): Head['profiles'][number] => [`${profile.device}/${profile.id}`, profile.seq, profile.hash]);
    return { t, epoch: Number(readMeta(this.db, 'epoch')), ledger: { seq, hash }, profiles };
  }
}
