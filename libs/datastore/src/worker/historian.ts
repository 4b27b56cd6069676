import { join } from 'node:path';
import { Archive } from '../chunk/archive.js';
import { Retention } from '../chunk/retention.js';
import { Sealer } from '../chunk/sealer.js';
import { HISTORY, openOrReplace, setDatabaseAside, type OpenDatabase } from '../database/database.js';
import { SegmentSource } from '../history/segment-source.js';
import { DamageNotes } from '../journal/damage-notes.js';
import type { Gap } from '../journal/gap.js';
import { Journal } from '../journal/journal.js';
import { SegmentCommits } from '../lane/segment-commits.js';
import type { Chore } from './chores.js';

export interface HistorianOptions {
  /** The data folder. */
  readonly folder: string;
  readonly epoch: number;
  readonly now: number;
  readonly raw: number;
  readonly budget: number;
  /** Highest sequence of a segment that the database of the store remembers. */
  readonly lastSeq: number;
  readonly onGap: (gap: Gap) => void;
  /** Does what is done again at the next start where it fails now. */
  readonly whereItCan: (work: () => void) => void;
}

/** Samples on disk: the journal that takes them, the archive they are sealed into, and what reads both. */
export class Historian {
  readonly journal: Journal;
  readonly source: SegmentSource;
  /** Name of the file of history that was set aside, where there was one. */
  readonly setAside: string | undefined;
  private readonly archive: Archive;
  private readonly sealer: Sealer;
  private readonly retention: Retention;

  constructor(private readonly options: HistorianOptions) {
    const { folder, epoch, raw, budget, lastSeq, onGap, whereItCan } = options;
    const damage = new DamageNotes(onGap);
    const { db, setAside } = openHistory(options);
    this.setAside = setAside;
    this.archive = new Archive(db, damage);
    const { index } = this.archive;
    whereItCan(() => index.keepLastSeq(lastSeq));
    const journal = join(folder, 'journal');
    // what is not kept of a repair is found again at the next start
    let keep = whereItCan;
    this.journal = new Journal({
      folder: journal,
      epoch,
      onGap,
      index: {
        files: () => index.files(),
        lastSeq: () => index.lastSeq(),
        isSealed: (seq) => this.archive.has(seq),
        put: (segment) => keep(() => index.put(segment)),
        remove: (seq) => keep(() => index.remove(seq)),
      },
    });
    this.journal.start();
    keep = (work) => work();
    this.source = new SegmentSource({
      folder: journal,
      files: this.journal.segments,
      archive: this.archive,
      damage,
    });
    this.sealer = new Sealer({ folder: journal, journal: this.journal, archive: this.archive, damage });
    this.retention = new Retention({ journal: this.journal, archive: this.archive, raw, budget, onGap });
  }

  /** What is due beside taking samples in. Throws what the disk throws. */
  chore(now: number): Chore | undefined {
    this.retention.run(now);
    const closed = this.journal.oldestClosed;
    return closed === undefined ? undefined : this.sealer.seal(closed);
  }

  /** Records by their place, whether their segment is a file still or sealed. */
  commits(): SegmentCommits {
    return new SegmentCommits(this.journal, { archive: this.archive, folder: join(this.options.folder, 'journal') });
  }

  close(now: number): void {
    try {
      this.journal.close(now);
    } finally {
      this.archive.db.close();
    }
  }
}

/** History of another epoch has other handles, so it is set aside. */
function openHistory({ folder, epoch, now }: HistorianOptions): OpenDatabase {
  const opened = openOrReplace(folder, HISTORY, epoch);
  if (opened.epoch === epoch) return opened;
  opened.db.close();
  const setAside = setDatabaseAside(folder, HISTORY, `epoch-${opened.epoch}-${now}`);
  return { ...openOrReplace(folder, HISTORY, epoch), setAside };
}
