import { BANG, CLOSE, CR, GLO_CIPHERING, hexDigit, LF, OPEN, SLASH } from './bytes.js';
import { CIPHER_HEADER, TAG_LENGTH } from './cipher.js';
import { crc16 } from './crc16.js';

/** No CRC stands behind `!`, or there was no `!`. */
export const CRC_ABSENT = -1;
/** What stands behind `!` is no CRC. */
export const CRC_MALFORMED = -2;

/** What was received between one telegram and the next; valid during the callback only. */
export interface P1Frame {
  readonly kind: 'text' | 'cipher';
  /** Bytes 0 … length - 1; for text from `/` up to and including `!`. */
  readonly bytes: Uint8Array;
  readonly length: number;
  /** CRC-16 over these bytes, taken as they came. */
  readonly computed: number;
  /** CRC behind `!`, `CRC_ABSENT` or `CRC_MALFORMED`. */
  readonly given: number;
  readonly closedBy: 'marker' | 'next' | 'silence';
}

/** What a stream lost; all rise only. */
export interface P1FramerCounts {
  frames: number;
  /** Bytes outside any frame. */
  skippedBytes: number;
  /** First parts dropped because the next telegram began in them, and their bytes. */
  cutFrames: number;
  cutBytes: number;
  /** Frames longer than allowed. */
  overflows: number;
}

export interface P1FramerOptions {
  /** `false` for an encrypted frame that is none: the framer looks inside it for the beginning of a real one. */
  readonly onFrame: (frame: P1Frame) => boolean;
  /** Longest frame in bytes. A telegram with the longest message has 3.1 kB. Default 8192. */
  readonly maxFrame?: number;
}

export const DEFAULT_MAX_FRAME = 8192;
const LONGEST_IDENT = 256;
/** Second byte of an encrypted frame. */
const TITLE_LENGTH = 8;
const LONGEST_CRC_FIELD = 8;
/** Cut frames in a row after which the stream is taken to be one without end marks. */
const CUT_BEFORE_DOUBT = 3;

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
  /** Whether this stream ends its telegrams with `!`. */
  private marked = false;
  /** Whether it has shown that it does not, whatever its version says. */
  private unmarked = false;
  private cutInRow = 0;
  private readonly onFrame: (frame: P1Frame) => boolean;

  constructor({ onFrame, maxFrame = DEFAULT_MAX_FRAME }: P1FramerOptions) {
    this.onFrame = onFrame;
    this.bytes = new Uint8Array(maxFrame);
    this.size = maxFrame;
  }

  /** Takes the next bytes of the stream. `onFrame` is called before this returns. */
  push(chunk: Uint8Array): void {
    const end = chunk.length;
    if (end === 1) {
      // a byte within a line, as slow serial drivers hand them over one by one
      const byte = chunk[0]!;
      const n = this.length;
      if (n < this.withinLine && byte > LF) {
        this.bytes[n] = byte;
        this.length = n + 1;
        return;
      }
    }
    this.withinLine = 0;
    let i = 0;
    while (i < end) {
      if (this.state === BODY) i = this.body(chunk, i);
      else this.step(chunk[i++]!);
    }
    if (this.state === BODY && this.length !== this.lineFrom) this.withinLine = this.size;
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

  /**
   * The hot loop: the data lines of a telegram. A byte is stored and compared with the line feed; everything else is
   * decided once per line. Returns where it stopped.
   */
  private body(chunk: Uint8Array, start: number): number {
    const { bytes } = this;
    const end = chunk.length;
    const { size } = this;
    let n = this.length;
    let lineFrom = this.lineFrom;
    let i = start;
    while (i < end) {
      const first = chunk[i]!;
      if (n === lineFrom && (first === SLASH || first === BANG)) {
        this.length = n;
        this.beginLine(first);
        return i + 1;
      }
      const stop = Math.min(end, i + size - n);
      let byte = 0xff;
      // one comparison finds line feeds and the 0x08 in the head of an encrypted frame
      while (i < stop && byte > LF) {
        byte = chunk[i++]!;
        bytes[n++] = byte;
      }
      if (byte > LF) {
        this.length = n;
        if (i < end) this.overflow();
        return i;
      }
      if (byte === TITLE_LENGTH && bytes[n - 2] === GLO_CIPHERING) {
        this.length = n - 2;
        this.cut();
        this.openCipher();
        this.cipher(byte);
        return i;
      }
      if (byte !== LF) continue;
      if (bytes[n - 3] !== CLOSE || bytes[n - 2] !== CR) {
        this.length = n;
        if (this.oddLine(lineFrom)) return i;
      }
      this.lineFrom = lineFrom = n;
    }
    this.length = n;
    return i;
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
    let marker = -1;
    let open = false;
    for (let i = from; i < length; i++) {
      const byte = bytes[i]!;
      if (byte === OPEN) open = true;
      else if (byte === CLOSE) open = false;
      else if (byte === BANG && !open && marker < 0) marker = i;
    }
    if (marker < 0) return false;
    this.openCrc(marker + 1);
    this.push(bytes.slice(marker + 1, length));
    return true;
  }

  private openCrc(length: number): void {
    this.length = length;
    this.state = CRC;
    this.digits = this.field = 0;
    this.given = CRC_ABSENT;
  }

  private step(byte: number): void {
    if (this.state === IDLE) this.idle(byte);
    else if (this.state === IDENT) this.ident(byte);
    else if (this.state === CRC) this.crcField(byte);
    else this.cipher(byte);
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
    this.marked = true;
    this.unmarked = false;
    this.cutInRow = 0;
    this.deliver('marker');
    this.tail = 2;
  }

  /** A telegram that no `!` ended: whole if this meter never sends one, the first part of a broken one otherwise. */
  private closeUnmarked(by: 'next' | 'silence'): void {
    if (this.unmarked || (!this.marked && !holdsVersion(this.bytes, this.length))) {
      this.given = CRC_ABSENT;
      this.deliver(by);
      return;
    }
    if (++this.cutInRow >= CUT_BEFORE_DOUBT) {
      this.marked = false;
      this.unmarked = true;
    }
    this.cut();
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
    if (!this.plausible(at, byte)) {
      this.restart(at + 1);
      return;
    }
    if (this.length !== this.expected) return;
    this.given = CRC_ABSENT;
    this.deliver('marker');
  }

  /** Whether byte `at` of an encrypted frame can be what it is. Sets the length once it is known. */
  private plausible(at: number, byte: number): boolean {
    if (at === 1) return byte === TITLE_LENGTH;
    if (at === 10) return byte === 0x82;
    if (at !== 12) return true;
    this.expected = 13 + this.bytes[11]! * 256 + byte;
    return this.expected > CIPHER_HEADER + TAG_LENGTH && this.expected <= this.bytes.length;
  }

  /** The frame that began is none: looks for another beginning in the few bytes taken so far. */
  private restart(length: number): void {
    const taken = this.bytes.slice(1, length);
    this.counts.skippedBytes++;
    this.state = IDLE;
    this.push(taken);
  }
}

/** Whether a version object is there, which tells that this meter ends its telegrams with `!` and a CRC. */
function holdsVersion(bytes: Uint8Array, length: number): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, length);
  return text.includes('1-3:0.2.8(') || text.includes('0-0:96.1.4(');
}
