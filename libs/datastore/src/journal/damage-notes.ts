import type { FrameWalker } from './frame.js';
import { receivedIn, type Gap } from './gap.js';
import type { Segment } from './segment.js';

/** Tells of damage in a segment once, whoever meets it first and however often it is met. */
export class DamageNotes {
  private readonly told = new Set<number>();

  constructor(private readonly onGap: (gap: Gap) => void) {}

  /** A segment file as its walker left it; frames fill it to its end, so zeros there are damage too. */
  file(segment: Segment, { damaged, used, bytes: all }: FrameWalker): void {
    if (used === all.length && damaged.length === 0) return;
    const inside = damaged.filter(([from]) => from < used);
    const bytes = inside.reduce((sum, [from, to]) => sum + to - from, 0) + all.length - used;
    this.tell(segment, bytes);
  }

  /** Part of a sealed segment: a chunk, or the table that its chunks share. */
  chunk(segment: Segment, bytes: number): void {
    this.tell(segment, bytes);
  }

  private tell(segment: Segment, bytes: number): void {
    if (this.told.has(segment.seq)) return;
    this.told.add(segment.seq);
    this.onGap({ why: 'damaged', segment: segment.seq, bytes, ...receivedIn(segment) });
  }
}
