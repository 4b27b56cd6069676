import { hasAction, kindOf, type FrameHead } from './kind.js';

const TAB = 0x09;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const BLANK = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;
const DELETE = 0x7f;

/** No id or action is longer; what is has no head. */
const LONGEST = 1024;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * The head of a frame in any legal spelling: blanks, escapes, numbers for ids, characters of several bytes. All marks of JSON are
 * ASCII, so that bytes of UTF-8 are walked as they are.
 */
export class HeadScanner {
  private at = 0;

  constructor(private readonly frame: string | Uint8Array) {}

  head(): FrameHead | undefined {
    if (!this.takes(OPEN)) return undefined;
    const type = this.number();
    const kind = type === undefined ? undefined : kindOf(Number(type));
    if (kind === undefined || !this.takes(COMMA)) return undefined;
    const id = this.text() ?? this.number();
    if (id === undefined) return undefined;
    const action = hasAction(kind) && this.takes(COMMA) ? this.text() : undefined;
    return action === undefined ? { kind, id } : { kind, id, action };
  }

  private code(at: number): number {
    return (typeof this.frame === 'string' ? this.frame.charCodeAt(at) : this.frame[at]) ?? NaN;
  }

  /** The next mark after blanks; stays where it is another one. */
  private takes(mark: number): boolean {
    this.skipBlanks();
    if (this.code(this.at) !== mark) return false;
    this.at += 1;
    return true;
  }

  private skipBlanks(): void {
    for (let code = this.code(this.at); isBlank(code); code = this.code(this.at)) this.at += 1;
  }

  private number(): string | undefined {
    this.skipBlanks();
    const from = this.at;
    let to = from;
    while (to - from <= LONGEST && isOfNumber(this.code(to))) to += 1;
    const text = this.slice(from, to);
    if (!NUMBER.test(text)) return undefined;
    this.at = to;
    return text;
  }

  private text(): string | undefined {
    this.skipBlanks();
    const from = this.at;
    if (this.code(from) !== QUOTE) return undefined;
    let hasEscapes = false;
    let to = from + 1;
    for (let code = this.code(to); code !== QUOTE; code = this.code(to)) {
      // NaN, past the end, is not above either
      if (!(code >= BLANK) || to - from > LONGEST) return undefined;
      if (code === BACKSLASH) hasEscapes = true;
      to += code === BACKSLASH ? 2 : 1;
    }
    this.at = to + 1;
    return hasEscapes ? unescaped(this.slice(from, to + 1)) : this.slice(from + 1, to);
  }

  private slice(from: number, to: number): string {
    if (typeof this.frame === 'string') return this.frame.slice(from, to);
    return Buffer.from(this.frame.buffer, this.frame.byteOffset + from, to - from).toString('utf8');
  }
}

const isBlank = (code: number): boolean => code === BLANK || code === TAB || code === LINE_FEED || code === RETURN;

/** Whether a number may have it: the rest is for the pattern to say. */
const isOfNumber = (code: number): boolean =>
  code > BLANK && code < DELETE && code !== COMMA && code !== QUOTE && code !== OPEN && code !== 0x5d && code !== 0x7d;

function unescaped(literal: string): string | undefined {
  try {
    return JSON.parse(literal) as string;
  } catch {
    // told by the result
    return undefined;
  }
}
