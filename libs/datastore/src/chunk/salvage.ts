import { QuarterTable } from '../database/quarter-table.js';
import type { SealedSegment } from '../database/segment-table.js';
import type { Journal } from '../journal/journal.js';
import { DayQuarters } from '../quarters/day-quarters.js';
import type { Archive } from './archive.js';
import { BlockTable } from './block-table.js';
import { readChunk } from './chunk.js';
import { DamagedHistory } from './damaged-history.js';

/** What came back of a damaged file, and what did not as far as that is known. */
export interface Salvaged {
  segments: number;
  samples: number;
  lost: number;
  days: number;
}

export interface SalvageOptions {
  readonly archive: Archive;
  readonly journal: Journal;
  /** All handles that were ever given. */
  readonly handles: readonly number[];
}

/**
 * Brings what is sound of a damaged file of history into the present one, segment by segment with breaths in between:
 * every chunk and day of windows is asked for alone and proves itself by its CRC. What is there already stays.
 */
export function* salvage(path: string, options: SalvageOptions): Generator<undefined, Salvaged> {
  const found: Salvaged = { segments: 0, samples: 0, lost: 0, days: 0 };
  const old = DamagedHistory.open(path);
  if (old === undefined) return found;
  try {
    const last = old.lastSeq() ?? options.archive.index.lastSeq();
    for (let seq = 1; seq <= last; seq++) {
      const segment = old.sealed(seq);
      if (segment !== undefined && !isThere(seq, options)) {
        bring(old, segment, { options, found });
        yield undefined;
      }
    }
    for (const handle of options.handles) {
      bringDays(old, handle, { archive: options.archive, found });
      yield undefined;
    }
  } finally {
    old.close();
  }
  return found;
}

const isThere = (seq: number, { archive, journal }: SalvageOptions): boolean =>
  archive.has(seq) || journal.segments.some((segment) => segment.seq === seq);

function bring(
  old: DamagedHistory,
  segment: SealedSegment,
  { options: { archive, handles }, found }: { options: SalvageOptions; found: Salvaged },
): void {
  const { seq } = segment;
  const blocks = old.blocks(seq);
  const table = blocks === undefined ? undefined : BlockTable.read(blocks, seq);
  const chunks: { handle: number; data: Buffer }[] = [];
  let samples = 0;
  for (const handle of handles) {
    const data = old.chunk({ segment: seq, handle });
    const read = data === undefined ? undefined : readChunk(data, { segment: seq, handle }, () => table);
    if (data === undefined || read === undefined) continue;
    chunks.push({ handle, data });
    samples += read.run.n;
  }
  found.lost += Math.max(0, segment.samples - samples);
  if (samples === 0) return;
  const size = chunks.reduce((sum, { data }) => sum + data.length, blocks?.length ?? 0);
  archive.db.transaction(() => {
    for (const { handle, data } of chunks) archive.chunks.put({ segment: seq, handle }, data);
  })();
  // as many as the segment had, so that it is not given back as if it were whole
  archive.seal({ ...segment, size }, blocks ?? Buffer.alloc(0));
  found.segments++;
  found.samples += samples;
}

function bringDays(
  old: DamagedHistory,
  handle: number,
  { archive, found }: { archive: Archive; found: Salvaged },
): void {
  const to = new QuarterTable(archive.db);
  archive.db.transaction(() => {
    for (const row of old.days(handle)) {
      if (to.row(handle, row.day) !== undefined) continue;
      const data = old.day(handle, row.day);
      if (data === undefined || DayQuarters.read(data, { handle, day: row.day }) === undefined) continue;
      to.put(handle, row, data);
      found.days++;
    }
  })();
}
