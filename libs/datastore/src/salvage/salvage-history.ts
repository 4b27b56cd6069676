import type { Archive } from '../chunk/archive.js';
import { BlockTable } from '../chunk/block-table.js';
import { readChunk, type ChunkKey } from '../chunk/chunk.js';
import { encodeCounts } from '../chunk/point-counts.js';
import { HISTORY, readMeta, type Sqlite } from '../database/database.js';
import { SegmentTable, type SealedParts, type SealedSegment } from '../database/segment-table.js';
import { WindowTable, type SpanRow } from '../database/window-table.js';
import { receivedIn, type Gap } from '../journal/gap.js';
import type { Journal } from '../journal/journal.js';
import { MINUTES, QUARTERS, type Resolution } from '../windows/resolution.js';
import { SpanReader } from '../windows/window-span.js';
import { openDamaged } from './damaged-file.js';
import { scanTable, where, type Row, type Scanned } from './table-scan.js';

/** What came back of a damaged file, and what did not. */
export interface Salvaged {
  segments: number;
  samples: number;
  lost: number;
  /** Rows of windows of a point, and bytes of those that did not come. */
  spans: number;
  lostWindows: number;
}

export interface SalvageOptions {
  readonly archive: Archive;
  readonly journal: Journal;
  /** What was sealed, as the store knows it. */
  readonly copy: SegmentTable;
  /** Told of what is lost for good. */
  readonly onGap: (gap: Gap) => void;
}

/** Chunks and days put at a time. */
const GROUP = 100;

/** What has come of a segment so far. */
interface Coming {
  readonly counts: Map<number, number>;
  size: number;
  samples: number;
}

/**
 * Brings what is sound of a damaged file of history into the present one, with breaths in between. Its tables are walked
 * and not its indexes; every chunk and row of windows proves itself by its CRC, which holds for its own place only. A
 * segment counts from when all of it has come, or from the end on. What is there already stays.
 */
export function* salvageHistory(path: string, options: SalvageOptions): Generator<undefined, Salvaged> {
  const old = openDamaged(path, HISTORY);
  const work = new HistorySalvage(old, options);
  try {
    yield* work.index();
    yield* work.chunks();
    yield* work.rest();
    yield* work.windows(QUARTERS);
    yield* work.windows(MINUTES);
    return work.found;
  } finally {
    old?.close();
  }
}

class HistorySalvage {
  readonly found: Salvaged = { segments: 0, samples: 0, lost: 0, spans: 0, lostWindows: 0 };
  /** Segments that are not there yet. */
  private missing = new Map<number, SealedSegment>();
  private readonly coming = new Map<number, Coming>();
  private readonly oldIndex: SegmentTable | undefined;
  /** Chunks to be put next. */
  private readonly group: { key: ChunkKey; data: Buffer }[] = [];
  /** The segment read last, and its block table. */
  private table: { seq: number; parts: SealedParts | undefined; blocks: BlockTable | undefined } | undefined;

  constructor(
    private readonly old: Sqlite | undefined,
    private readonly o: SalvageOptions,
  ) {
    this.oldIndex = old === undefined ? undefined : where(() => new SegmentTable(old));
  }

  /** Finds out which segments there were. The file's own list counts where it is whole, or else the store's copy as well. */
  *index(): Generator<undefined, void> {
    const known = new Map<number, SealedSegment>();
    const scanned: Scanned = { isWhole: this.old !== undefined };
    if (this.old !== undefined)
      for (const row of scanTable(this.old, 'segments', scanned)) {
        if (row !== undefined && row['size'] !== null) known.set(Number(row['seq']), segmentOf(row));
        yield undefined;
      }
    if (!scanned.isWhole) for (const segment of this.o.copy.sealed()) known.set(segment.seq, segment);
    const { archive, journal } = this.o;
    const files = new Set(journal.segments.map(({ seq }) => seq));
    const all = [...known.values()].sort((a, b) => a.seq - b.seq);
    this.missing = new Map(
      all.filter(({ seq }) => !archive.has(seq) && !files.has(seq)).map((segment) => [segment.seq, segment]),
    );
  }

  *chunks(): Generator<undefined, void> {
    if (this.old === undefined) return;
    for (const row of scanTable(this.old, 'chunks', { isWhole: true })) {
      if (row !== undefined) {
        const { segment: seq, handle, data } = row;
        const segment = this.missing.get(Number(seq));
        if (segment !== undefined && Buffer.isBuffer(data)) this.chunk(segment, Number(handle), data);
      }
      yield undefined;
    }
  }

  /** Makes what has come of the other segments count, and tells what has not. */
  *rest(): Generator<undefined, void> {
    let run: { last: number; gap: Gap } | undefined;
    this.flush();
    for (const segment of [...this.missing.values()]) {
      const { seq } = segment;
      const coming = this.coming.get(seq);
      const lost = segment.samples - (coming?.samples ?? 0);
      if (coming !== undefined) this.seal(segment, coming);
      if (lost <= 0) continue;
      this.found.lost += lost;
      const next = { samples: lost, ...receivedIn(segment) };
      // neighbours are one gap
      if (run?.last === seq - 1) run = { last: seq, gap: joined(run.gap, next) };
      else {
        if (run !== undefined) this.o.onGap(run.gap);
        run = { last: seq, gap: { why: 'damaged', segment: seq, ...next } };
      }
      yield undefined;
    }
    if (run !== undefined) this.o.onGap(run.gap);
  }

  *windows(of: Resolution): Generator<undefined, void> {
    const { old, found, o } = this;
    if (old === undefined) return;
    const to = new WindowTable(o.archive.db, of);
    let bytes = 0;
    let group: Row[] = [];
    const bring = o.archive.db.transaction(() => {
      for (const row of group) {
        const { handle, data, ...span } = spanRow(row, of);
        if (SpanReader.read(data, { of, handle, span: span.span }) === undefined) continue;
        bytes += to.costOf(data);
        if (to.row(handle, span.span) !== undefined) continue;
        to.put(handle, span, data);
        found.spans++;
      }
      group = [];
    });
    for (const row of scanTable(old, of.table, { isWhole: true })) {
      if (row !== undefined) group.push(row);
      if (group.length >= GROUP) bring();
      yield undefined;
    }
    bring();
    found.lostWindows += Math.max(0, Number(where(() => readMeta(old, of.table)) ?? 0) - bytes);
  }

  private chunk(segment: SealedSegment, handle: number, data: Buffer): void {
    const { seq } = segment;
    const coming = this.coming.get(seq) ?? { counts: new Map<number, number>(), size: 0, samples: 0 };
    const read = readChunk(data, { segment: seq, handle }, () => this.partsOf(seq).blocks);
    if (read === undefined || coming.counts.has(handle)) return;
    this.group.push({ key: { segment: seq, handle }, data });
    if (this.group.length >= GROUP) this.flush();
    coming.counts.set(handle, read.run.n);
    coming.size += data.length;
    coming.samples += read.run.n;
    this.coming.set(seq, coming);
    if (coming.samples === segment.samples) this.seal(segment, coming);
  }

  private seal(segment: SealedSegment, { counts, size, samples }: Coming): void {
    const { seq } = segment;
    this.flush();
    const blocks = this.partsOf(seq).parts?.blocks ?? Buffer.alloc(0);
    // as many as the segment had, so that it is not given back as if it were whole
    this.o.archive.seal({ ...segment, size: size + blocks.length }, { blocks, points: encodeCounts(counts) });
    this.coming.delete(seq);
    this.missing.delete(seq);
    this.found.segments++;
    this.found.samples += samples;
  }

  private flush(): void {
    const { archive } = this.o;
    const group = this.group.splice(0);
    archive.db.transaction(() => {
      for (const { key, data } of group) archive.chunks.put(key, data);
    })();
  }

  private partsOf(seq: number): NonNullable<HistorySalvage['table']> {
    if (this.table?.seq !== seq) {
      const parts = where(() => this.oldIndex?.parts(seq)) ?? this.o.copy.parts(seq);
      this.table = { seq, parts, blocks: parts === undefined ? undefined : BlockTable.read(parts.blocks, seq) };
    }
    return this.table;
  }
}

function segmentOf(row: Row): SealedSegment {
  const of = (name: string): number => Number(row[name]);
  return {
    ...{ seq: of('seq'), bytes: of('bytes'), samples: of('samples'), size: of('size') },
    ...{ minT: of('min_t'), maxT: of('max_t'), minReceived: of('min_received'), maxReceived: of('max_received') },
  };
}

function spanRow(row: Row, { key }: Resolution): SpanRow & { handle: number; data: Buffer } {
  const [handle, span, upto] = [Number(row['handle']), Number(row[key]), Number(row['upto'])];
  const [thinned, steady, whole] = [row['thinned'] === 1, row['steady'] === 1, row['whole'] === 1];
  return { handle, span, upto, thinned, steady, whole, data: row['data'] as Buffer };
}

function joined(gap: Gap, { samples, from, to }: Pick<Gap, 'samples' | 'from' | 'to'>): Gap {
  return {
    ...gap,
    samples: (gap.samples ?? 0) + (samples ?? 0),
    from: Math.min(gap.from ?? Infinity, from ?? Infinity),
    to: Math.max(gap.to ?? -Infinity, to ?? -Infinity),
  };
}
