import { ChunkTable } from '../database/chunk-table.js';
import { HistoryDamage, type Sqlite } from '../database/database.js';
import { SegmentTable, type SealedParts, type SealedSegment } from '../database/segment-table.js';
import type { SampleRun } from '../history/sample-run.js';
import type { DamageNotes } from '../journal/damage-notes.js';
import { BlockTable } from './block-table.js';
import { readChunk, type ChunkKey, type ChunkRead } from './chunk.js';
import { decodeCounts, encodeCounts, type PointCounts } from './point-counts.js';

/** Segments of which tables are kept in memory: those a day lies in, which begins within one. */
const KEPT = 26;
/** How long they are kept after somebody read them, ms. */
const REST = 60_000;

/** Sealed segments: their samples in chunks of `history.db`, one per point. */
export class Archive {
  /** By sequence. */
  readonly segments: SealedSegment[];
  readonly chunks: ChunkTable;
  readonly index: SegmentTable;
  private readonly bySeq: Map<number, SealedSegment>;
  private readonly tables = new Map<number, BlockTable | undefined>();
  private readonly counts = new Map<number, PointCounts | undefined>();
  /** Since when the tables in memory were not asked for, undefined where they were since `rest`. */
  private idle: number | undefined;
  private onChange: (seq: number) => void = () => undefined;

  constructor(
    readonly db: Sqlite,
    private readonly damage: DamageNotes,
  ) {
    this.chunks = new ChunkTable(db);
    this.index = new SegmentTable(db);
    this.segments = this.index.sealed();
    this.bySeq = new Map(this.segments.map((segment) => [segment.seq, segment]));
  }

  /** Calls `listener` with each segment that is sealed, changed or dropped. */
  watch(listener: (seq: number) => void): void {
    this.onChange = listener;
  }

  has(seq: number): boolean {
    return this.bySeq.has(seq);
  }

  get(seq: number): SealedSegment | undefined {
    return this.bySeq.get(seq);
  }

  /** Samples of a point in a sealed segment in order of commit, undefined where there are none that can be read. */
  read(seq: number, handle: number): SampleRun | undefined {
    return this.chunk({ segment: seq, handle })?.run;
  }

  /** A sound chunk; one that is damaged is told and left out. Throws where the segment has one that is not found. */
  chunk(key: ChunkKey): ChunkRead | undefined {
    const data = this.chunks.get(key);
    if (data === undefined) {
      const { segment: seq, handle } = key;
      if ((this.points(seq)?.get(handle) ?? 0) === 0) return undefined;
      throw new HistoryDamage(`samples of segment ${seq} are not found by its index`);
    }
    const read = readChunk(data, key, () => this.blocks(key.segment));
    const segment = this.bySeq.get(key.segment);
    if (read === undefined && segment !== undefined) this.damage.chunk(segment, data.length);
    return read;
  }

  /** Lets go of what was read for somebody who has not come again; called now and then. */
  rest(now: number): void {
    this.idle ??= now;
    if (now - this.idle < REST) return;
    this.tables.clear();
    this.counts.clear();
  }

  /** Points that have samples in a sealed segment, and how many. */
  private points(seq: number): PointCounts | undefined {
    this.idle = undefined;
    if (!this.counts.has(seq)) {
      const bytes = this.index.parts(seq)?.points ?? undefined;
      for (const old of this.counts.keys()) if (this.counts.size >= KEPT) this.counts.delete(old);
      this.counts.set(seq, bytes === undefined ? undefined : decodeCounts(bytes));
    }
    return this.counts.get(seq);
  }

  /** Points that have samples in a sealed segment. */
  handles(seq: number): number[] {
    const points = this.points(seq);
    return points === undefined ? this.chunks.handles(seq) : [...points.keys()];
  }

  /** Where the records of a sealed segment stood; undefined where that cannot be read. */
  blocks(seq: number): BlockTable | undefined {
    this.idle = undefined;
    if (!this.tables.has(seq)) {
      const bytes = this.index.parts(seq)?.blocks;
      const table = bytes === undefined ? undefined : BlockTable.read(bytes, seq);
      const segment = this.bySeq.get(seq);
      if (table === undefined && segment !== undefined) this.damage.chunk(segment, bytes?.length ?? 0);
      for (const old of this.tables.keys()) if (this.tables.size >= KEPT) this.tables.delete(old);
      this.tables.set(seq, table);
    }
    return this.tables.get(seq);
  }

  /** Makes the chunks of a segment the ones that count, in one transaction. */
  seal(segment: SealedSegment, parts: SealedParts): void {
    this.db.transaction(() => this.index.seal(segment, parts))();
    const at = this.segments.findIndex(({ seq }) => seq > segment.seq);
    this.segments.splice(at < 0 ? this.segments.length : at, 0, segment);
    this.bySeq.set(segment.seq, segment);
    this.onChange(segment.seq);
  }

  /** Puts other chunks of `n` samples in the place of those of a segment, or nothing; `gone` samples are in none of them. */
  replace(
    segment: SealedSegment,
    chunks: readonly { handle: number; data: Buffer | undefined; n: number }[],
    gone: number,
  ): void {
    let { size } = segment;
    for (const { handle, data } of chunks)
      size += (data?.length ?? 0) - (this.chunks.get({ segment: segment.seq, handle })?.length ?? 0);
    const changed = { ...segment, samples: segment.samples - gone, size };
    const before = this.points(segment.seq);
    const points = new Map(before);
    for (const { handle, n } of chunks)
      if (n === 0) points.delete(handle);
      else points.set(handle, n);
    this.db.transaction(() => {
      for (const { handle, data } of chunks)
        if (data === undefined) this.chunks.remove({ segment: segment.seq, handle });
        else this.chunks.put({ segment: segment.seq, handle }, data);
      this.index.resize(changed, before === undefined ? null : encodeCounts(points));
    })();
    this.counts.delete(segment.seq);
    this.segments[this.segments.indexOf(segment)] = changed;
    this.bySeq.set(segment.seq, changed);
    this.onChange(segment.seq);
  }

  /** Removes a segment, with what `also` does in the same transaction. */
  drop(segment: SealedSegment, also: () => void): void {
    this.db.transaction(() => {
      also();
      this.chunks.removeOf(segment.seq);
      this.index.remove(segment.seq);
    })();
    this.segments.splice(this.segments.indexOf(segment), 1);
    this.bySeq.delete(segment.seq);
    this.tables.delete(segment.seq);
    this.counts.delete(segment.seq);
    this.onChange(segment.seq);
  }
}
