import type { LivePoint } from '@smx-edge/model';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Archive } from '../chunk/archive.js';
import { Eraser, type Erased } from '../chunk/eraser.js';
import { Retention } from '../chunk/retention.js';
import { Sealer } from '../chunk/sealer.js';
import { Shrinker } from '../chunk/shrinker.js';
import { IndexCopy } from '../salvage/index-copy.js';
import { salvageHistory, type Salvaged } from '../salvage/salvage-history.js';
import { FILES, HISTORY, type Sqlite } from '../database/database.js';
import { PointTable } from '../database/point-table.js';
import { SegmentSource } from '../history/segment-source.js';
import { dropAside } from '../journal/aside.js';
import { DamageNotes } from '../journal/damage-notes.js';
import type { Gap } from '../journal/gap.js';
import { Journal } from '../journal/journal.js';
import type { Segment } from '../journal/segment.js';
import { SegmentCommits } from '../lane/segment-commits.js';
import { Windows } from '../windows/windows.js';
import type { Chore } from './chores.js';

const DAMAGED = new RegExp(`^${HISTORY.file.replace('.', '\\.')}\\.damaged-\\d+$`);

const damagedIn = (folder: string): string | undefined => readdirSync(folder).find((name) => DAMAGED.test(name));

export interface HistorianOptions {
  /** The data folder. */
  readonly folder: string;
  /** `history.db`, open. */
  readonly db: Sqlite;
  /** `store.db`, open. */
  readonly store: Sqlite;
  readonly epoch: number;
  readonly now: number;
  readonly raw: number;
  /** How long windows of a minute are kept, and those of 15, ms. */
  readonly minutes: number;
  readonly keep: number;
  readonly budget: number;
  /** Highest sequence of a segment that the database of the store remembers. */
  readonly lastSeq: number;
  /** See `JournalOptions`. */
  readonly cut: number | undefined;
  readonly onGap: (gap: Gap) => void;
  /** Told once all that is closed is sealed, hourly, and once for many hours after a time without a disk. */
  readonly onSealed: () => void;
  /** Told what came back of a damaged file. */
  readonly onSalvaged: (found: Salvaged) => void;
  /** Does what is done again at the next start where it fails now. */
  readonly whereItCan: (work: () => void) => void;
}

/** Samples on disk: the journal that takes them, the archive they are sealed into, and what reads both. */
export class Historian {
  readonly journal: Journal;
  readonly source: SegmentSource;
  readonly windows: Windows;
  /** The index of segments, as the store has it too. */
  readonly copy: IndexCopy;
  private readonly archive: Archive;
  private readonly sealer: Sealer;
  private readonly retention: Retention;
  private readonly eraser: Eraser;
  private readonly shrinker: Shrinker;
  private readonly points: PointTable;
  /** Name of a damaged file that has not given back yet what is sound in it. */
  private damaged: string | undefined;

  constructor(private readonly options: HistorianOptions) {
    const { folder, epoch, raw, minutes, keep: kept, budget, lastSeq, cut, onGap, whereItCan } = options;
    this.damaged = damagedIn(folder);
    const damage = new DamageNotes(onGap);
    this.archive = new Archive(options.db, damage);
    this.points = new PointTable(options.db);
    const { index } = this.archive;
    this.copy = new IndexCopy(options.store, index);
    this.archive.watch((seq) => this.copy.note(seq));
    if (this.damaged === undefined) this.copy.compare();
    whereItCan(() => index.keepLastSeq(lastSeq));
    const segments = join(folder, 'journal');
    // what is not kept of a repair is found again at the next start
    let keep = whereItCan;
    this.journal = new Journal({
      folder: segments,
      epoch,
      ...(cut === undefined ? {} : { cut }),
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
      folder: segments,
      files: this.journal.segments,
      archive: this.archive,
      damage,
    });
    this.sealer = new Sealer({ folder: segments, journal: this.journal, archive: this.archive, damage });
    this.windows = new Windows({ archive: this.archive, files: this.journal.segments, source: this.source });
    const { journal, archive, windows } = this;
    this.eraser = new Eraser({ journal, archive, windows, sealer: this.sealer });
    this.shrinker = new Shrinker(options.db, budget);
    this.retention = new Retention({ journal, archive, windows, raw, minutes, keep: kept, budget, onGap });
  }

  /** What is due beside taking samples in; by age only where `now` may be believed. Throws what the disk throws. */
  chore(now: number, isProven: boolean): Chore | undefined {
    this.archive.rest(now);
    const due = this.retention.due(now, isProven);
    if (due !== undefined) return due;
    const closed = this.journal.oldestClosed;
    if (closed !== undefined) return this.seal(closed);
    const { damaged } = this;
    if (damaged !== undefined) return this.salvage(damaged);
    return (isProven ? this.windows.due(now) : undefined) ?? this.shrinker.due();
  }

  private *seal(segment: Segment): Chore {
    yield* this.sealer.seal(segment);
    if (this.journal.oldestClosed === undefined) this.options.onSealed();
  }

  /** Bytes that samples and windows take. */
  get used(): number {
    return this.retention.used;
  }

  /** Keeps beside the samples which handle is which point. */
  keepPoints(points: readonly LivePoint[]): void {
    this.points.keep(points);
  }

  /** What is sound comes back; then the damaged file has no more to give and goes. */
  private *salvage(name: string): Chore {
    const { folder, onGap, onSalvaged } = this.options;
    const bytes = statSync(join(folder, name)).size;
    const { archive, journal, copy } = this;
    const found = yield* salvageHistory(join(folder, name), { archive, journal, copy: copy.table, onGap });
    for (const end of FILES) rmSync(join(folder, name + end), { force: true });
    this.damaged = damagedIn(folder);
    copy.compare();
    // where not even an index can be read, nobody knows how many there were
    if (found.lost === 0 && found.segments === 0) onGap({ why: 'damaged', bytes });
    onSalvaged(found);
  }

  /** Erases what points have of before a time (see `Eraser`). */
  erase(handles: ReadonlySet<number>, before: number, { now, erased }: { now: number; erased: Erased }): Chore {
    this.journal.close(now);
    return this.eraser.erase(handles, before, erased);
  }

  dropAside(): void {
    const { folder } = this.options;
    dropAside(join(folder, 'journal'));
    // one may have gone with what else was set aside
    this.damaged = damagedIn(folder);
  }

  get db(): Sqlite {
    return this.archive.db;
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
