import { ACK, CR, EOT, ETX, LF, NAK, SOH, STX } from './characters.js';
import { identificationIn, type Identification } from './identification.js';
import { CONTROL, EIGHTH, LINE_END, MARK, ODD, SIGNS } from './signs.js';

/** What shows that data are those that were sent: a check character, the parity of each character, or nothing where an adapter took it off. */
export type Proof = 'check' | 'parity' | 'none';

/** What a line carried, one after the other. */
export type Message =
  /** A block whose check is right; `command` is what stands before the data behind SOH, as `P0`. */
  | { readonly kind: 'block'; readonly command?: string; readonly data: string; readonly isLast: boolean }
  /** A block whose check or parity is wrong or a telegram whose parity is, that was longer than is taken, or noise in place of its data: nothing of it counts. */
  | { readonly kind: 'damaged'; readonly why: 'check' | 'long' }
  | { readonly kind: 'identification'; readonly identification: Identification }
  /** Data without a frame behind an identification, as modes A and D send it. */
  | {
      readonly kind: 'telegram';
      readonly identification: Identification;
      readonly data: string;
      readonly proof: 'parity' | 'none';
    }
  | { readonly kind: 'ack' }
  | { readonly kind: 'nak' };

export interface BlockFramerOptions {
  /** Bytes beyond which a block is none; default 1 MiB. */
  readonly longest?: number;
}

const LONGEST = 2 ** 20;
/** Characters without a line's end after which a line is none of this protocol. */
const LONGEST_LINE = 128;
/** Characters without a bracket or a line's end after which what comes are no data sets. */
const MOST_PLAIN = 4096;
const SLASH = 0x2f;
const BANG = 0x21;
const SPACE = 0x20;
const SEVEN_BITS = 0x7f;

/** Where in what the framer is: `free` text holds identifications, acknowledgements and telegrams without a frame. */
type State = 'free' | 'block' | 'check' | 'overlong';

/**
 * Finds messages in a stream of bytes, whatever the pieces it comes in (IEC 62056-21 §6.3). The eighth bit is taken off, so
 * that lines and bridges that show parity serve as well; a block in which it is wrong is damaged. Noise between messages is passed over.
 */
export class BlockFramer {
  private state: State = 'free';
  private bytes: Uint8Array = new Uint8Array(1024);
  private length = 0;
  /** How many of the last characters are of one value or address. */
  private plain = 0;
  private check = 0;
  /** Signs of all bytes of the block or telegram together. */
  private signs = 0;
  private isLast = true;
  private readonly longest: number;
  private line: number[] = [];
  /** Where the line of a block or telegram that has begun starts. */
  private lineStart = 0;
  /** Whose data follows where no frame does. */
  private identification: Identification | undefined;

  constructor(
    private readonly onMessage: (message: Message) => void,
    { longest = LONGEST }: BlockFramerOptions = {},
  ) {
    this.longest = longest;
  }

  /** Whether a message has begun that is not whole. */
  get isWithin(): boolean {
    // line ends behind an identification are no data yet
    const hasData = this.bytes.subarray(0, this.length).some((byte) => (byte & SEVEN_BITS) > SPACE);
    return this.state !== 'free' || this.line.length > 0 || hasData;
  }

  /** Whether an answer has begun: a block, or what stands behind an identification. */
  get isInAnswer(): boolean {
    return this.state !== 'free' || this.identification !== undefined;
  }

  /** Takes the next bytes of the stream. `onMessage` is called before this returns. */
  push(chunk: Uint8Array): void {
    for (let i = 0; i < chunk.length;) {
      if (this.state === 'block') i += this.stretch(chunk, i);
      if (i < chunk.length) this.one(chunk[i++]!);
    }
  }

  private one(byte: number): void {
    const sign = SIGNS[byte]!;
    this.signs |= sign;
    if (this.state === 'block') this.inBlock(byte, sign);
    else if (this.state === 'free') this.inText(byte, sign);
    else this.behind(byte);
  }

  /** Takes lines of a block in one go, as most of its bytes are; gives how many. */
  private stretch(chunk: Uint8Array, from: number): number {
    const end = Math.min(chunk.length, from + this.longest - this.length);
    this.grow(this.length + end - from);
    const { bytes } = this;
    let { check, lineStart, length, signs } = this;
    let i = from;
    let mark = from - this.plain;
    for (let stop = Math.min(end, mark + MOST_PLAIN); i < stop; i++) {
      const byte = chunk[i]!;
      const sign = SIGNS[byte]!;
      if (sign >= CONTROL) break;
      bytes[length] = byte;
      if (sign >= MARK) {
        if (sign >= LINE_END) {
          // a line that may say who sends is looked at
          if ((bytes[lineStart]! & SEVEN_BITS) === SLASH) break;
          lineStart = length + 1;
        }
        mark = i + 1;
        stop = Math.min(end, mark + MOST_PLAIN);
      }
      length++;
      check ^= byte;
      signs |= sign;
    }
    this.check = check;
    this.signs = signs;
    this.plain = i - mark;
    this.lineStart = lineStart;
    this.length = length;
    return i - from;
  }

  /** Forgets what has begun: the line was silent, or asked something new. */
  reset(): void {
    this.state = 'free';
    this.length = 0;
    this.plain = 0;
    this.signs = 0;
    this.lineStart = 0;
    this.line = [];
    this.identification = undefined;
  }

  private inBlock(byte: number, sign: number): void {
    const character = byte & SEVEN_BITS;
    this.check ^= character;
    if (character === ETX || character === EOT) {
      this.isLast = character === ETX;
      this.state = 'check';
    } else if (this.length >= this.longest) {
      this.state = 'overlong';
      this.onMessage({ kind: 'damaged', why: 'long' });
    } else if (this.isNoise(sign)) this.spoilt();
    else {
      this.keep(byte);
      if (character === CR || character === LF) this.blockLineEnds();
    }
  }

  /** A line that stays at one level, or swings, gives characters of which some are valid: without this they would be data for minutes. */
  private isNoise(sign: number): boolean {
    const isMark = (sign & (MARK | LINE_END)) !== 0;
    this.plain = isMark ? 0 : this.plain + 1;
    return this.plain > MOST_PLAIN;
  }

  private spoilt(): void {
    this.reset();
    this.onMessage({ kind: 'damaged', why: 'check' });
  }

  /** A frame that noise began has no end where meters send telegrams without one: the next begins with who sends it. */
  private blockLineEnds(): void {
    const { lineStart } = this;
    this.lineStart = this.length;
    if ((this.bytes[lineStart]! & SEVEN_BITS) !== SLASH) return;
    const found = identificationIn(this.bytes.subarray(lineStart, this.length));
    if (found !== undefined && found !== 'damaged') this.met(found);
  }

  /** The check of a block, or the rest of one that is too long. */
  private behind(byte: number): void {
    const character = byte & SEVEN_BITS;
    if (this.state === 'overlong') {
      if (character === ETX || character === EOT) this.reset();
      else this.inLine(byte);
      return;
    }
    // two wrong characters may leave the check right
    const isSound = character === (this.check & SEVEN_BITS) && !this.isBroken;
    const message: Message = isSound ? this.block() : { kind: 'damaged', why: 'check' };
    this.reset();
    this.onMessage(message);
  }

  /** Whether the line shows parity, and it is wrong. */
  private get isBroken(): boolean {
    return (this.signs & EIGHTH) !== 0 && (this.signs & ODD) !== 0;
  }

  private block(): Message {
    const { isLast, length } = this;
    if (this.bytes[0] !== SOH) return { kind: 'block', data: this.text(1, length), isLast };
    const text = this.text(1, length);
    const start = text.indexOf('\u0002');
    return start < 0
      ? { kind: 'block', command: text, data: '', isLast }
      : { kind: 'block', command: text.slice(0, start), data: text.slice(start + 1), isLast };
  }

  private inText(byte: number, sign: number): void {
    const character = byte & SEVEN_BITS;
    if (character === STX || character === SOH) this.begin(character);
    else if (this.identification !== undefined) this.inTelegram(byte, sign, this.identification);
    else if (character === ACK || character === NAK) {
      this.line = [];
      this.onMessage({ kind: character === ACK ? 'ack' : 'nak' });
    } else this.inLine(byte);
  }

  private inLine(byte: number): void {
    const character = byte & SEVEN_BITS;
    if (character === LF || character === CR) this.lineEnds(byte);
    // what is too long was noise, in whose midst an identification may begin
    else if (this.line.push(byte) > LONGEST_LINE) this.line.shift();
  }

  private begin(character: number): void {
    this.reset();
    this.keep(character);
    this.lineStart = this.length;
    this.check = 0;
    this.state = 'block';
  }

  private lineEnds(end: number): void {
    const found = identificationIn(Uint8Array.from([...this.line, end]));
    this.line = [];
    if (found === 'damaged') this.onMessage({ kind: 'damaged', why: 'check' });
    else if (found !== undefined) this.met(found);
  }

  private met(identification: Identification): void {
    this.reset();
    this.identification = identification;
    this.onMessage({ kind: 'identification', identification });
  }

  /** Data behind an identification that is in no frame ends with `!` and a line's end. */
  private inTelegram(byte: number, sign: number, identification: Identification): void {
    const character = byte & SEVEN_BITS;
    if (character === ACK || character === NAK) {
      // the echo of an answer: what came before was no telegram
      this.reset();
      this.inText(byte, sign);
    } else if (this.length >= this.longest) {
      this.reset();
      this.onMessage({ kind: 'damaged', why: 'long' });
    } else if (this.isNoise(sign)) this.spoilt();
    else {
      this.keep(byte);
      if (character === CR || character === LF) this.telegramLineEnds(identification);
    }
  }

  private telegramLineEnds(identification: Identification): void {
    const end = this.length - 1;
    const isOver = end > 0 && (this.bytes[end - 1]! & SEVEN_BITS) === BANG;
    const line = this.bytes.subarray(this.lineStart, this.length);
    const slash = line.findLastIndex((byte) => (byte & SEVEN_BITS) === SLASH);
    const next = slash < 0 ? undefined : identificationIn(line.subarray(slash));
    this.lineStart = this.length;
    // one that was cut is none, and the next has begun
    if (next !== undefined && next !== 'damaged') {
      this.met(next);
      return;
    }
    if (!isOver) return;
    const data = this.text(0, end - 1);
    const { isBroken, signs } = this;
    this.reset();
    if (isBroken) this.onMessage({ kind: 'damaged', why: 'check' });
    else this.onMessage({ kind: 'telegram', identification, data, proof: (signs & EIGHTH) !== 0 ? 'parity' : 'none' });
  }

  private text(from: number, to: number): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + from, to - from).toString('ascii');
  }

  private keep(byte: number): void {
    this.grow(this.length + 1);
    this.bytes[this.length++] = byte;
  }

  private grow(length: number): void {
    if (length <= this.bytes.length) return;
    const grown = new Uint8Array(2 * length);
    grown.set(this.bytes);
    this.bytes = grown;
  }
}
