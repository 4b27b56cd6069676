import type { Sqlite } from '../database/database.js';
import { SegmentTable, type SealedSegment } from '../database/segment-table.js';

/**
 * The index of sealed segments, kept in the store beside the file of history: whatever that loses, the store knows to the
 * sample what it had, and when each of its blocks was received.
 */
export class IndexCopy {
  readonly table: SegmentTable;
  /** Segments of which the copy may be another. */
  private readonly changed = new Set<number>();

  constructor(
    store: Sqlite,
    private readonly index: SegmentTable,
  ) {
    this.table = new SegmentTable(store);
  }

  get isBehind(): boolean {
    return this.changed.size > 0;
  }

  note(seq: number): void {
    this.changed.add(seq);
  }

  /** Finds what a crash kept from being copied. Not while a damaged file still has segments that the index lacks. */
  compare(): void {
    const mark = ({ seq, samples, size }: SealedSegment): [number, string] => [seq, `${samples} ${size}`];
    const [here, there] = [new Map(this.index.sealed().map(mark)), new Map(this.table.sealed().map(mark))];
    for (const seq of new Set([...here.keys(), ...there.keys()])) if (here.get(seq) !== there.get(seq)) this.note(seq);
  }

  /** Within the caller's transaction. */
  write(): void {
    for (const seq of this.changed) {
      const [segment, parts] = [this.index.sealedOne(seq), this.index.parts(seq)];
      if (segment === undefined || parts === undefined) this.table.remove(seq);
      else this.table.seal(segment, parts);
    }
  }

  /** The transaction is committed. */
  written(): void {
    this.changed.clear();
  }
}
