import type { SealedSegment } from '../database/segment-table.js';
import type { Journal } from '../journal/journal.js';
import type { Windows } from '../windows/windows.js';
import type { Archive } from './archive.js';
import { encodeChunk, type ChunkRead } from './chunk.js';
import { PointSamples } from './point-samples.js';
import type { Sealer } from './sealer.js';

export interface EraserOptions {
  readonly journal: Journal;
  readonly archive: Archive;
  readonly windows: Windows;
  readonly sealer: Sealer;
}

/** What an erasing took away. */
export interface Erased {
  samples: number;
  windows: number;
}

/** Takes samples and windows of points away for good, bytes included. */
export class Eraser {
  constructor(private readonly options: EraserOptions) {}

  /**
   * Erases what the points have of before `before` (source time, ms UTC), with breaths in between; counts into `erased`.
   * The open segment must have been ended. A damaged chunk of theirs goes as a whole, since nobody can tell what it holds.
   */
  *erase(handles: ReadonlySet<number>, before: number, erased: Erased): Generator<undefined, void> {
    const { journal, archive, windows, sealer } = this.options;
    for (let closed = journal.oldestClosed; closed !== undefined; closed = journal.oldestClosed)
      yield* sealer.seal(closed);
    // freed pages are overwritten, and the write-ahead log is emptied in the end
    archive.db.pragma('secure_delete = ON');
    try {
      for (const segment of [...archive.segments]) yield* this.inSegment(segment, { handles, before, erased });
      for (const handle of handles) {
        erased.windows += yield* windows.erase(handle, before);
        yield undefined;
      }
    } finally {
      archive.db.pragma('secure_delete = OFF');
    }
    archive.db.pragma('wal_checkpoint(TRUNCATE)');
  }

  private *inSegment(
    segment: SealedSegment,
    { handles, before, erased }: { handles: ReadonlySet<number>; before: number; erased: Erased },
  ): Generator<undefined, void> {
    const { archive } = this.options;
    const { seq } = segment;
    const kept: { handle: number; data: Buffer | undefined; n: number }[] = [];
    let samples = 0;
    for (const handle of archive.handles(seq)) {
      if (!handles.has(handle)) continue;
      const chunk = archive.chunk({ segment: seq, handle });
      const left = chunk === undefined ? undefined : this.since(chunk, before, seq);
      if (left === 'all') continue;
      samples += (chunk?.run.n ?? 0) - (left?.n ?? 0);
      const data = left === undefined ? undefined : encodeChunk({ handle, segment: seq }, left);
      kept.push({ handle, data, n: left?.n ?? 0 });
      yield undefined;
    }
    // it may have been thinned in between
    const current = archive.get(seq);
    if (kept.length === 0 || current === undefined) return;
    archive.replace(current, kept, samples);
    erased.samples += samples;
  }

  /** Samples that are not before `before`; undefined where there are none. */
  private since({ run, places }: ChunkRead, before: number, segment: number): PointSamples | 'all' | undefined {
    if (run.t.every((t) => t >= before)) return 'all';
    if (run.t.every((t) => t < before)) return undefined;
    const { record, block, index } = places();
    const table = this.options.archive.blocks(segment);
    const left = new PointSamples(run.n);
    for (let i = 0; i < run.n; i++) {
      if (run.t[i]! < before) continue;
      left.put({
        ...{ record: record[i]!, block: block[i]!, index: index[i]! },
        ...{ received: table?.received(record[i]!, block[i]!) ?? NaN, t: run.t[i]!, quality: run.quality[i]! },
        ...{ number: run.number[i]!, other: run.other?.[i] },
      });
    }
    return left;
  }
}
