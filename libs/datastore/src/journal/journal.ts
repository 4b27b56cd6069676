import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { findSegments, type JournalOptions } from './find-segments.js';
import { FRAME_HEAD, sealFrame } from './frame.js';
import { markFrame } from './mark.js';
import { journalPosition, positionOffset } from './position.js';
import { SegmentFile } from './segment-file.js';
import {
  newSegment,
  SEGMENT_HEAD,
  segmentHead,
  segmentName,
  widen,
  type SampleRange,
  type Segment,
} from './segment.js';

const HOUR = 3_600_000;
const LARGEST_SEGMENT = 4 * 1024 * 1024;
/** Records kept in memory while the file system refuses them. */
const LARGEST_QUEUE = 4 * 1024 * 1024;

interface SyncOptions {
  readonly wantsMark?: boolean;
  readonly upTo?: number;
  readonly note?: Buffer | undefined;
}

interface Pending {
  readonly frame: Buffer;
  readonly range: SampleRange;
}

/** What a journal that ends without its disk leaves to the next one. */
export interface JournalRest {
  /** All before this position is on disk, and nothing behind it counts. */
  readonly cut: number;
  /** Records of behind it, in order. */
  readonly records: readonly { readonly record: Uint8Array; readonly range: SampleRange }[];
}

/** A mark holds no samples, so it widens no range. */
const NO_SAMPLES: SampleRange = {
  samples: 0,
  minT: Infinity,
  maxT: -Infinity,
  minReceived: Infinity,
  maxReceived: -Infinity,
};

/**
 * Samples in commit order, in segment files (architecture §5 rule 3). Each sync ends with a mark, a record without
 * samples: what stands before a mark that is on disk is committed, and batches of links are cut at marks only. Lives in
 * the store's thread; every `now` is ms UTC.
 */
export class Journal {
  /** Closed segments and, last, the open one, by sequence. */
  readonly segments: Segment[] = [];
  /** While set, records wait in memory: they have samples of points that the catalogue on disk does not know yet. */
  blocked = false;
  private readonly options: JournalOptions;
  private file: SegmentFile | undefined;
  private open: Segment | undefined;
  private openedAt = 0;
  private nextSeq = 1;
  private queue: Pending[] = [];
  private queued = 0;
  /** Records written since the last sync: a failed sync leaves it unknown which of them reached the disk. */
  private unsynced: Pending[] = [];
  /** All before this position is on disk. */
  committed = 0;
  private lost = 0;
  private lostFrom = Infinity;
  private lostTo = -Infinity;

  constructor(options: JournalOptions) {
    this.options = options;
  }

  /** Finds the segments, repairs what a crash left, sets those of another epoch aside. */
  start(): void {
    const { segments, next } = findSegments(this.options);
    this.segments.push(...segments);
    this.nextSeq = next;
    this.committed = this.end;
  }

  /** Takes a record of `SampleEncoder.take`. Throws where the file system refuses; the record is kept and tried again. */
  append(record: Buffer, range: SampleRange, now: number): void {
    sealFrame(record, record.length - FRAME_HEAD);
    this.queue.push({ frame: record, range });
    this.queued += record.length;
    while (this.queued > LARGEST_QUEUE && this.queue.length > 1) this.lose(this.queue.shift()!);
    this.drain(now);
  }

  /** Tries again what was refused, and begins a new segment each hour. */
  tick(now: number): void {
    this.drain(now);
    if (this.open !== undefined && Math.abs(now - this.openedAt) >= HOUR) this.finish();
  }

  /**
   * Makes all that was appended durable; throws where it could not, and then writes it again elsewhere. `wantsMark`: a
   * mark is wanted also where nothing was appended; `upTo`: receive time from which on samples are still to come;
   * `note`: what the mark keeps along. Tells whether it does.
   */
  sync(now: number, { wantsMark = false, upTo = now, note }: SyncOptions = {}): boolean {
    this.drain(now);
    if (this.file === undefined || (this.unsynced.length === 0 && !wantsMark && note === undefined)) return false;
    try {
      // windows are cut up to a mark, so it may not be ahead of a sample that waits
      this.mark(Math.min(now, upTo, this.queue[0]?.range.minReceived ?? now), note);
      this.file.sync();
      this.unsynced = [];
      this.committed = this.end;
      // a segment that has nothing but marks is not kept
      return note !== undefined && this.open!.samples > 0;
    } catch (error) {
      this.rewrite();
      throw error;
    }
  }

  /** Ends without writing anything, and gives what is not known to be on disk. */
  leave(): JournalRest {
    const { file, open, unsynced } = this;
    let cut = this.end;
    if (file !== undefined && open !== undefined) {
      cut -= unsynced.reduce((sum, { frame }) => sum + frame.length, 0);
      file.abandon(positionOffset(cut));
    }
    const rest = [...unsynced, ...this.queue].filter(({ range }) => range.samples > 0);
    return { cut, records: rest.map(({ frame, range }) => ({ record: frame, range })) };
  }

  /** Writes and ends the open segment; the journal goes on in a new one. */
  close(now: number): void {
    this.drain(now);
    this.finish();
  }

  /** The oldest segment that is no longer written to. */
  get oldestClosed(): Segment | undefined {
    const [oldest] = this.segments;
    return oldest === this.open ? undefined : oldest;
  }

  /** Removes the file of a segment that is sealed now. */
  release(segment: Segment): void {
    this.removeFile(segment);
  }

  /** Lets a closed segment go. */
  drop(segment: Segment): void {
    this.discard(segment);
  }

  /** Whether records wait because the file system refused them. */
  get waiting(): boolean {
    return this.queue.length > 0;
  }

  private get end(): number {
    const last = this.segments.at(-1);
    return last === undefined ? journalPosition(this.nextSeq, SEGMENT_HEAD) : journalPosition(last.seq, last.bytes);
  }

  private mark(t: number, note: Buffer | undefined): void {
    // into this segment even where it is full: one that has nothing but a mark would not be kept
    this.write({ frame: markFrame(t, { note }), range: NO_SAMPLES }, this.open!);
  }

  private write(record: Pending, segment: Segment): void {
    this.file!.append(record.frame);
    segment.bytes = this.file!.end;
    widen(segment, record.range);
    this.unsynced.push(record);
  }

  private drain(now: number): void {
    while (this.queue.length > 0 && !this.blocked) {
      const next = this.queue[0]!;
      this.write(next, this.openSegment(now, next.frame.length));
      this.queue.shift();
      this.queued -= next.frame.length;
    }
    if (this.lost > 0) {
      const gap = { why: 'write-failed', samples: this.lost, from: this.lostFrom, to: this.lostTo } as const;
      this.lost = 0;
      this.lostFrom = Infinity;
      this.lostTo = -Infinity;
      this.options.onGap(gap);
    }
  }

  private openSegment(now: number, size: number): Segment {
    if (this.open !== undefined && this.open.bytes + size <= LARGEST_SEGMENT) return this.open;
    this.finish();
    const { folder, epoch } = this.options;
    const path = join(folder, segmentName(this.nextSeq));
    try {
      this.file = new SegmentFile(path, segmentHead(epoch, now));
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    }
    this.open = newSegment(this.nextSeq++);
    this.openedAt = now;
    this.segments.push(this.open);
    return this.open;
  }

  private finish(): void {
    const { file, open } = this;
    if (file === undefined || open === undefined) return;
    try {
      file.seal();
    } catch (error) {
      this.rewrite();
      throw error;
    }
    this.file = undefined;
    this.open = undefined;
    this.unsynced = [];
    if (open.samples === 0) this.discard(open);
    else this.options.index.put(open);
  }

  /** The open segment cannot be trusted behind its last sync: it ends there, and what came after goes to a new one. */
  private rewrite(): void {
    const { file, open, unsynced } = this;
    if (file === undefined || open === undefined) return;
    this.file = undefined;
    this.open = undefined;
    this.queue = [...unsynced, ...this.queue];
    this.queued = this.queue.reduce((sum, { frame }) => sum + frame.length, 0);
    this.unsynced = [];
    open.bytes -= unsynced.reduce((sum, { frame }) => sum + frame.length, 0);
    open.samples -= unsynced.reduce((sum, { range }) => sum + range.samples, 0);
    file.abandon(open.bytes);
    if (open.samples === 0) this.discard(open);
    else this.options.index.put(open);
  }

  private discard(segment: Segment): void {
    this.removeFile(segment);
    this.options.index.remove(segment.seq);
  }

  private removeFile(segment: Segment): void {
    rmSync(join(this.options.folder, segmentName(segment.seq)), { force: true });
    const at = this.segments.indexOf(segment);
    if (at >= 0) this.segments.splice(at, 1);
  }

  private lose({ frame, range }: Pending): void {
    this.queued -= frame.length;
    this.lost += range.samples;
    this.lostFrom = Math.min(this.lostFrom, range.minReceived);
    this.lostTo = Math.max(this.lostTo, range.maxReceived);
  }
}
