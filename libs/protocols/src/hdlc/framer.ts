import { announcedLength, decodeFrame, FLAG, LONGEST_FRAME, type FrameFault, type HdlcFrame } from './frame.js';

/** What a line carried; all rise only. */
export interface HdlcCounts {
  frames: number;
  /** Bytes outside any frame, flags between frames not counted. */
  skippedBytes: number;
  /** Bytes that looked like a frame and were none, by what was wrong first. */
  faults: Record<FrameFault, number>;
}

/**
 * Finds frames in a stream of bytes, whatever the pieces it comes in. Frames of type 3 are not stuffed: the length decides
 * where one ends, and a 7E inside it is data (IEC 62056-46 §6.4.2). What is no frame after all is looked through for the
 * beginning of a real one, so that noise costs no frame that follows it. Neighbours may share a flag.
 */
export class HdlcFramer {
  readonly counts: HdlcCounts = {
    frames: 0,
    skippedBytes: 0,
    faults: { format: 0, address: 0, control: 0, hcs: 0, fcs: 0 },
  };
  /** From the first flag that may begin a frame. */
  private readonly buffer = new Uint8Array(2 * (LONGEST_FRAME + 2));
  private length = 0;

  constructor(private readonly onFrame: (frame: HdlcFrame) => void) {}

  /** Takes the next bytes of the stream. `onFrame` is called before this returns. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      const part = chunk.subarray(at, at + this.buffer.length - this.length);
      this.buffer.set(part, this.length);
      this.length += part.length;
      at += part.length;
      this.drop(this.scan());
    }
  }

  /** The line has been silent: what looked like a frame that goes on was none, and is looked through. */
  flush(): void {
    while (this.length > 0) {
      const begun = this.buffer[0] === FLAG && this.length > 1;
      if (begun) this.counts.faults.format++;
      this.skip(0, 1);
      this.drop(1);
      this.drop(this.scan());
    }
  }

  /** Takes what is there as far as it can be told. Returns how many bytes are done with. */
  private scan(): number {
    let at = 0;
    while (at < this.length) {
      if (this.buffer[at] !== FLAG) {
        const next = this.buffer.subarray(at, this.length).indexOf(FLAG);
        const end = next < 0 ? this.length : at + next;
        this.skip(at, end);
        at = end;
        continue;
      }
      const end = this.frameAt(at);
      if (end === undefined) break;
      at = end;
    }
    return at;
  }

  /** Where to go on behind the flag at `at`; undefined where more bytes have to come first. */
  private frameAt(at: number): number | undefined {
    if (at + 1 >= this.length) return undefined;
    if (this.buffer[at + 1] === FLAG) return at + 1;
    if (at + 2 >= this.length) return undefined;
    const length = announcedLength(this.buffer[at + 1]!, this.buffer[at + 2]!);
    if (length === 0) return this.notAt(at, undefined);
    const end = at + 1 + length;
    if (end >= this.length) return undefined;
    if (this.buffer[end] !== FLAG) return this.notAt(at, 'format');
    const frame = decodeFrame(this.buffer.subarray(at + 1, end));
    if (typeof frame === 'string') return this.notAt(at, frame);
    this.counts.frames++;
    this.onFrame(frame);
    // the flag behind may be the one before the next
    return end;
  }

  private notAt(at: number, fault: FrameFault | undefined): number {
    if (fault !== undefined) this.counts.faults[fault]++;
    return at + 1;
  }

  private skip(from: number, to: number): void {
    for (let i = from; i < to; i++) if (this.buffer[i] !== FLAG) this.counts.skippedBytes++;
  }

  private drop(count: number): void {
    if (count === 0) return;
    this.buffer.copyWithin(0, count, this.length);
    this.length -= count;
  }
}
