import type { CaptureDirection } from './types.js';

/** One record of a capture: what was seen, `t` ms after its begin. */
export interface CaptureRecord {
  readonly t: number;
  readonly direction: CaptureDirection;
  readonly bytes: Uint8Array;
}

export interface Capture {
  /** When the capture began, ms UTC; undefined where its head does not say. */
  readonly begin: number | undefined;
  readonly source: string;
  readonly records: readonly CaptureRecord[];
  /** Lines that are no records (a torn last line, a slip of an editor). */
  readonly bad: number;
}

const CAPTURE_MAGIC = 'smx-capture 1';
const SIGN = { in: '<', out: '>', gap: '!' } as const;
const LONGEST_LINE = 8 * 1024 * 1024;
const HEX = /^[0-9a-f]{2}$/i;
const ESCAPES: Readonly<Record<string, number>> = { '\\': 0x5c, n: 0x0a, r: 0x0d, t: 0x09, 0: 0 };

function escapeBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte === 0x5c) text += '\\\\';
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else if (byte === 0x0a) text += '\\n';
    else if (byte === 0x0d) text += '\\r';
    else if (byte === 0x09) text += '\\t';
    else text += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return text;
}

function unescapeBytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '\\') {
      const code = text.charCodeAt(at);
      if (code > 0x7e) return undefined;
      bytes[length++] = code;
      continue;
    }
    const sign = text[++at] ?? '';
    if (sign === 'x') {
      const hex = text.slice(at + 1, at + 3);
      if (!HEX.test(hex)) return undefined;
      bytes[length++] = parseInt(hex, 16);
      at += 2;
    } else {
      const byte = ESCAPES[sign];
      if (byte === undefined) return undefined;
      bytes[length++] = byte;
    }
  }
  return bytes.slice(0, length);
}

/** Makes the text of a capture: a head, then one line per chunk. Writes nothing itself. Format: docs/reference/capture-format.md. */
export class CaptureWriter {
  private last = 0;

  /** `begin` in ms UTC; `source` must carry no credentials. */
  constructor(
    private readonly begin: number,
    private readonly source: string,
  ) {}

  head(): string {
    return `${CAPTURE_MAGIC} ${new Date(this.begin).toISOString()} ${this.source.replace(/\s/g, ' ')}\n`;
  }

  /** One line. A clock that was set back does not make time run backwards. */
  line(direction: CaptureDirection, bytes: Uint8Array, t: number): string {
    this.last = Math.max(this.last, Math.round(t - this.begin));
    return bytes.length === 0
      ? `${this.last} ${SIGN[direction]}\n`
      : `${this.last} ${SIGN[direction]} ${escapeBytes(bytes)}\n`;
  }
}

function parseLine(line: string): CaptureRecord | undefined {
  const match = /^(\d{1,15}) ([<>!])(?: (.*))?$/.exec(line);
  if (match === null) return undefined;
  const bytes = unescapeBytes(match[3] ?? '');
  if (bytes === undefined) return undefined;
  const direction = match[2] === '<' ? 'in' : match[2] === '>' ? 'out' : 'gap';
  return { t: Number(match[1]), direction, bytes };
}

/** Reads a capture in chunks of any size; lines that are no records are counted and left out. */
export class CaptureReader {
  begin: number | undefined;
  source = '';
  bad = 0;
  private text = '';
  private headed = false;
  private skipping = false;

  /** Records that became complete. */
  push(bytes: Uint8Array): CaptureRecord[] {
    const lines = (this.text + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')).split(
      '\n',
    );
    this.text = lines.pop() ?? '';
    const records = this.read(lines);
    // a line without end must not fill the memory
    if (this.text.length > LONGEST_LINE) {
      this.text = '';
      this.skipping = true;
      this.bad++;
    }
    return records;
  }

  /** A last line without its line end. */
  end(): CaptureRecord[] {
    const rest = this.text;
    this.text = '';
    return rest === '' ? [] : this.read([rest]);
  }

  private read(lines: readonly string[]): CaptureRecord[] {
    const records: CaptureRecord[] = [];
    for (const raw of lines) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
      if (this.skipping) {
        this.skipping = false;
      } else if (!this.headed) {
        this.headed = true;
        this.head(line);
      } else if (line !== '' && !line.startsWith('#')) {
        const record = parseLine(line);
        if (record === undefined) this.bad++;
        else records.push(record);
      }
    }
    return records;
  }

  private head(line: string): void {
    const match = /^smx-capture 1(?: (\S+))?(?: (.*))?$/.exec(line);
    if (match === null) {
      this.bad++;
      return;
    }
    const begin = Date.parse(match[1] ?? '');
    this.begin = Number.isNaN(begin) ? undefined : begin;
    this.source = match[2] ?? '';
  }
}

/** Whether a file begins as a capture does. */
export function isCapture(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, CAPTURE_MAGIC.length)).toString('latin1') === CAPTURE_MAGIC;
}

/** A whole capture. Never throws: what is no record is counted. */
export function readCapture(bytes: Uint8Array): Capture {
  const reader = new CaptureReader();
  const records = [...reader.push(bytes), ...reader.end()];
  return { begin: reader.begin, source: reader.source, records, bad: reader.bad };
}
