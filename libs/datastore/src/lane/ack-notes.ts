import { BatchRanges, type BatchRange, type LaneName } from '@smx-edge/model';
import { join } from 'node:path';
import { FrameWalker } from '../journal/frame.js';
import type { Journal } from '../journal/journal.js';
import { LONGEST_NOTE, noteOf } from '../journal/mark.js';
import { readBytes } from '../journal/segment-bytes.js';
import { SEGMENT_HEAD, segmentName } from '../journal/segment.js';

/** Batches of a stream that its party has. */
export interface Acknowledged {
  readonly name: LaneName;
  readonly ranges: readonly BatchRange[];
}

/** Under another epoch, as after a restore, the same numbers are other batches. */
type Note = readonly [epoch: number, acks: readonly Acknowledged[]];

/** What was acknowledged since the last sync: it goes to the disk with the mark of the next. */
export class AckNotes {
  /** No mark could take it: it goes into the database. */
  isOverdue = false;
  private readonly ranges = new Map<string, { readonly name: LaneName; readonly ranges: BatchRanges }>();

  get list(): Acknowledged[] {
    return [...this.ranges.values()].map(({ name, ranges }) => ({ name, ranges: ranges.list }));
  }

  add({ principal, stream }: LaneName, range: BatchRange): void {
    const key = `${principal}/${stream}`;
    const known = this.ranges.get(key) ?? { name: { principal, stream }, ranges: new BatchRanges() };
    known.ranges.add(range);
    this.ranges.set(key, known);
  }

  /** The note for a mark, undefined where there is nothing or too much for one. */
  note(epoch: number): Buffer | undefined {
    if (this.ranges.size === 0) return undefined;
    const note = Buffer.from(JSON.stringify([epoch, this.list] satisfies Note));
    return note.length > LONGEST_NOTE ? undefined : note;
  }

  /** Whether there is anything. */
  get isEmpty(): boolean {
    return this.ranges.size === 0;
  }

  /** All of it is on the disk. */
  clear(): void {
    this.ranges.clear();
    this.isOverdue = false;
  }
}

/** What the marks of segments that are files still say, in order. Throws what the file system throws. */
export function* journalledAcks(
  { segments }: Pick<Journal, 'segments'>,
  { folder, epoch }: { folder: string; epoch: number },
): Generator<Acknowledged, void> {
  for (const { seq, bytes } of segments) {
    const walker = new FrameWalker(readBytes(join(folder, segmentName(seq)), bytes), SEGMENT_HEAD);
    while (walker.next()) {
      const note = noteOf(walker.bytes, walker.start, walker.end);
      if (note === undefined) continue;
      const [of, acks] = JSON.parse(note.toString()) as Note;
      if (of === epoch) yield* acks;
    }
  }
}
