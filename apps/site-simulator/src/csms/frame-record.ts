/** One frame as it was on the wire. */
export interface RecordedFrame {
  /** ms UTC by the clock of the back end. */
  readonly t: number;
  readonly station: string;
  /** `in` = from the station. */
  readonly direction: 'in' | 'out';
  readonly bytes: Buffer;
  readonly isBinary: boolean;
}

/** What was really received and sent, the newest of it up to a bound of bytes. */
export class FrameRecord {
  private frames: RecordedFrame[] = [];
  private size = 0;

  constructor(private readonly most: number) {}

  /** Oldest first. */
  list(station?: string): readonly RecordedFrame[] {
    return station === undefined ? this.frames : this.frames.filter((frame) => frame.station === station);
  }

  add(frame: RecordedFrame): void {
    this.frames.push(frame);
    this.size += frame.bytes.length;
    let gone = 0;
    while (this.size > this.most && gone < this.frames.length - 1) this.size -= this.frames[gone++]!.bytes.length;
    if (gone > 0) this.frames = this.frames.slice(gone);
  }

  clear(): void {
    this.frames = [];
    this.size = 0;
  }
}
