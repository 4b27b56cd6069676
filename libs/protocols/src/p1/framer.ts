import { BANG, CLOSE, CR, GLO_CIPHERING, hexDigit, LF, SLASH } from './bytes.js';
import { cipherFrameLength, LENGTH_END, mayBeCipher, TITLE_LENGTH } from './cipher-head.js';
import { crc16 } from './crc16.js';
import { EndMarks, markIn } from './end-marks.js';
import { CRC_ABSENT, CRC_MALFORMED, DEFAULT_MAX_FRAME, type P1Frame, type P1FramerCounts } from './frame.js';

export interface P1FramerOptions {
  /** `false` for an encrypted frame that is none: the framer looks inside it for the beginning of a real one. */
  readonly onFrame: (frame: P1Frame) => boolean;
  /** Longest frame in bytes. Default 8192. */
  readonly maxFrame?: number;
}

const LONGEST_IDENT = 256;
const LONGEST_CRC_FIELD = 8;

const IDLE = 0;
const IDENT = 1;
const BODY = 2;
const CRC = 3;
const CIPHER = 4;

/**
 * Finds telegrams in a stream of bytes, whatever the pieces it comes in: every byte is stored and looked at once, memory is one
 * buffer. A telegram begins with `/` at the start of a line and ends with `!` outside brackets; where a meter sends no
 * `!` (Iskra MT382), the next telegram or `flush` ends it. Encrypted frames begin with 0xDB.
 */
export class P1Framer implements P1Frame {
  kind: 'text' | 'cipher' = 'text';
  readonly bytes: Uint8Array;
  length = 0;
  computed = 0;
  given = CRC_ABSENT;
  closedBy: 'marker' | 'next' | 'silence' = 'marker';
  readonly counts: P1FramerCounts = { frames: 0, skippedBytes: 0, cutFrames: 0, cutBytes: 0, overflows: 0 };

  private readonly size: number;
  private state = IDLE;
  /** Outside a frame: whether only noise came since the last line end. */
  private lineStart = true;
  /** Inside a telegram: where the line that is being received begins. */
  private lineFrom = 0;
  /** Up to this length the next byte of a telegram is within a line; 0 anywhere else. */
  private withinLine = 0;
  private digits = 0;
  private field = 0;
  /** Line end that belongs to the frame before. */
  private tail = 0;
  private expected = 0;
  private readonly marks = new EndMarks();
  private readonly onFrame: (frame: P1Frame) => boolean;

  constructor({ onFrame, maxFrame = DEFAULT_MAX_FRAME }: P1FramerOptions) {
    this.onFrame = onFrame;
    this.bytes = new Uint8Array(maxFrame);
    this.size = maxFrame;
  }

  /** Takes the next bytes of the stream. `onFrame` is called before this returns. */
  push(chunk: Uint8Array): void {
    const n = this.length;
    // a byte within a line, as slow serial drivers hand them over one by one; little enough to be part of whoever calls
    if (chunk.length === 1 && n < this.withinLine) {
      const byte = chunk[0]!;
      if (byte > LF) {
        this.bytes[n] = byte;
        this.length = n + 1;
        return;
      }
    }
    this.take(chunk);
  }

  /**
   * The hot loop: the data lines of a telegram. A byte is stored and compared with the line feed; everything else is
   * decided once per line. In one piece, which the compiler takes for too long to make it part of the loop that pushes
   * byte after byte: that would be half as fast.
   */
  private take(chunk: Uint8Array): void {
    const { bytes, size } = this;
    const end = chunk.length;
    this.withinLine = 0;
    let i = 0;
    while (i < end) {
      if (this.state !== BODY) {
        const byte = chunk[i++]!;
        if (this.state === IDLE) this.idle(byte);
        else if (this.state === IDENT) this.ident(byte);
        else if (this.state === CRC) this.crcField(byte);
        else this.cipher(byte);
        continue;
      }
      const n = this.length;
      const { lineFrom } = this;
      const first = chunk[i]!;
      if (n === lineFrom && (first === SLASH || first === BANG)) {
        this.beginLine(first);
        i++;
        continue;
      }
      const stop = Math.min(end, i + size - n);
      let at = n;
      let byte = 0xff;
      // one comparison finds line feeds and the 0x08 in the head of an encrypted frame
      while (i < stop && byte > LF) {
        byte = chunk[i++]!;
        bytes[at++] = byte;
      }
      this.length = at;
      if (byte > LF) {
        if (i < end) this.overflow();
      } else if (byte === TITLE_LENGTH && bytes[at - 2] === GLO_CIPHERING) {
        this.length = at - 2;
        this.cut();
        this.openCipher();
        this.cipher(byte);
      } else if (byte === LF) {
        if ((bytes[at - 3] === CLOSE && bytes[at - 2] === CR) || !this.oddLine(lineFrom)) this.lineFrom = at;
      }
    }
    if (this.state === BODY && this.length !== this.lineFrom) this.withinLine = size;
  }

  /** The line has been silent, or the recording is over: what is complete is delivered, the rest counted and dropped. */
  flush(): void {
    if (this.state === BODY && this.length > this.lineFrom) this.oddLine(this.lineFrom);
    if (this.state === CRC) this.closeCrc();
    else if (this.state === BODY) this.closeUnmarked('silence');
    else if (this.state !== IDLE) this.cut();
    this.state = IDLE;
    this.lineStart = true;
    this.tail = 0;
    this.withinLine = 0;
  }

  /** A line that begins with `!` ends the telegram; one that begins with `/` is the next one. */
  private beginLine(byte: number): void {
    if (byte === BANG) {
      if (this.length === this.size) {
        this.overflow();
        return;
      }
      this.bytes[this.length] = byte;
      this.openCrc(this.length + 1);
      return;
    }
    this.closeUnmarked('next');
    this.open();
  }

  /** A line that does not end in a bracket: `!` behind the last bracket ends the telegram here. True where one ended. */
  private oddLine(from: number): boolean {
    const { bytes, length } = this;
    const mark = markIn(bytes, from, length);
    if (mark < 0) return false;
    this.openCrc(mark + 1);
    this.push(bytes.slice(mark + 1, length));
    return true;
  }

  private openCrc(length: number): void {
    this.length = length;
    this.state = CRC;
    this.digits = this.field = 0;
    this.given = CRC_ABSENT;
  }

  private idle(byte: number): void {
    if (byte === SLASH && this.lineStart) {
      this.open();
      return;
    }
    if (byte === GLO_CIPHERING) {
      this.openCipher();
      return;
    }
    if (byte === CR || byte === LF) {
      this.lineStart = true;
      if (this.tail > 0) {
        this.tail--;
        return;
      }
    } else {
      this.tail = 0;
      // noise between telegrams (0xFF, NUL) does not make the next one start in mid-line
      if (byte >= 0x20 && byte < 0x7f) this.lineStart = false;
    }
    this.counts.skippedBytes++;
  }

  private open(): void {
    this.state = IDENT;
    this.kind = 'text';
    this.bytes[0] = SLASH;
    this.length = 1;
  }

  private ident(byte: number): void {
    // 0x02 and blanks occur in idents; what else is not printable was no telegram
    const printable = (byte >= 0x20 && byte < 0x7f) || byte === CR || byte === LF || byte === 0x02 || byte === 0x09;
    if (!printable || this.length === LONGEST_IDENT) {
      this.skip();
      this.idle(byte);
      return;
    }
    this.bytes[this.length++] = byte;
    if (byte !== LF) return;
    this.state = BODY;
    this.lineFrom = this.length;
  }

  private crcField(byte: number): void {
    const digit = hexDigit(byte);
    if (digit >= 0 && this.given !== CRC_MALFORMED) {
      this.given = (this.digits === 0 ? 0 : this.given << 4) | digit;
      if (++this.digits === 4) this.closeCrc();
      return;
    }
    const ends = byte === CR || byte === LF || byte === SLASH || (this.digits > 0 && (byte < 0x20 || byte > 0x7e));
    if (!ends && ++this.field <= LONGEST_CRC_FIELD) {
      this.given = CRC_MALFORMED;
      return;
    }
    this.closeCrc();
    this.idle(byte);
  }

  private closeCrc(): void {
    this.marks.found();
    this.deliver('marker');
    this.tail = 2;
  }

  /** A telegram that no `!` ended: whole if this meter never sends one, the first part of a broken one otherwise. */
  private closeUnmarked(by: 'next' | 'silence'): void {
    if (!this.marks.isWholeWithout(this.bytes, this.length)) {
      this.cut();
      return;
    }
    this.given = CRC_ABSENT;
    this.deliver(by);
  }

  private deliver(by: 'marker' | 'next' | 'silence'): void {
    this.state = IDLE;
    this.lineStart = true;
    this.closedBy = by;
    this.computed = this.kind === 'text' ? crc16(this.bytes, this.length) : 0;
    this.counts.frames++;
    if (!this.onFrame(this) && this.kind === 'cipher') this.reopen();
  }

  /** An encrypted frame was not genuine, so its length was not either: a real frame may begin inside it. */
  private reopen(): void {
    for (let i = 1; i + 1 < this.length; i++) {
      if (this.bytes[i] === GLO_CIPHERING && this.bytes[i + 1] === TITLE_LENGTH) {
        this.push(this.bytes.slice(i, this.length));
        return;
      }
    }
  }

  private cut(): void {
    this.counts.cutFrames++;
    this.counts.cutBytes += this.length;
    this.state = IDLE;
  }

  private skip(): void {
    this.counts.skippedBytes += this.length;
    this.state = IDLE;
    this.lineStart = false;
  }

  private overflow(): void {
    this.counts.overflows++;
    this.skip();
  }

  private openCipher(): void {
    this.state = CIPHER;
    this.kind = 'cipher';
    this.bytes[0] = GLO_CIPHERING;
    this.length = 1;
    this.expected = 0;
  }

  private cipher(byte: number): void {
    const at = this.length++;
    this.bytes[at] = byte;
    if (!mayBeCipher(this.bytes, at)) {
      this.restart(at + 1);
      return;
    }
    if (at === LENGTH_END) this.expected = cipherFrameLength(this.bytes);
    if (this.length !== this.expected) return;
    this.given = CRC_ABSENT;
    this.deliver('marker');
  }

  /** The frame that began is none: looks for another beginning in the few bytes taken so far. */
  private restart(length: number): void {
    const taken = this.bytes.slice(1, length);
    this.counts.skippedBytes++;
    this.state = IDLE;
    this.push(taken);
  }
}
