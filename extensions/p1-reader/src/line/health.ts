/** What is wrong with the line, in the order of what an installer looks at first. */
type HealthCode = 'ok' | 'waiting' | 'no-bytes' | 'no-frames' | 'crc-failing' | 'encrypted-without-key' | 'wrong-key';

export interface Health {
  readonly code: HealthCode;
  /** One sentence: what is wrong and what to do. */
  readonly text: string;
  /** Whether good telegrams come, if not all of them. */
  readonly reading: boolean;
}

/** What became of a frame. */
export type FrameKind = 'good' | 'crc' | 'no-crc' | 'encrypted' | 'wrong-key';

/** Silence after which a line is at fault: two intervals of the slowest meter and a bit, ms. */
export const SILENCE = 25_000;
/** Newest frames by which a line is judged, and the share of bad ones that is a fault. */
const WINDOW = 50;
const BAD_SHARE = 0.2;

const TEXT: Readonly<Record<Exclude<HealthCode, 'ok' | 'waiting'>, string>> = {
  'no-bytes':
    'Nothing arrives: is the cable in, is the P1 port switched on (consent of the grid operator), is the data request line high?',
  'no-frames': 'Bytes arrive but no telegram: wrong speed, a line that is not inverted, or another device',
  'crc-failing': 'Telegrams arrive damaged: check cable, length, plug and the inverter of the line',
  'encrypted-without-key': 'Telegrams are encrypted: set `key` to the one the grid operator gave for this meter',
  'wrong-key':
    'Telegrams cannot be decrypted with this `key` (or `aad`): ask the grid operator for the one of this meter',
};

/** Judges a P1 line by its bytes and frames. Times in ms of one clock. */
export class LineHealth {
  private lastByte = NaN;
  private lastGood = NaN;
  private lastKind: FrameKind | undefined;
  private lastFrame = NaN;
  private readonly window: boolean[] = [];
  private note = '';
  private noted = NaN;

  constructor(private readonly started: number) {}

  bytes(now: number): void {
    this.lastByte = now;
  }

  frame(kind: FrameKind, now: number): void {
    this.lastKind = kind;
    this.lastFrame = now;
    if (kind === 'good') this.lastGood = now;
    this.window.push(kind === 'good');
    if (this.window.length > WINDOW) this.window.shift();
  }

  /** A telegram was good, yet something is to be said of how it came. */
  remark(note: string, now: number): void {
    this.note = note;
    this.noted = now;
  }

  /** `line` says why it is not open, where it is not. */
  assess(now: number, line?: string): Health {
    const since = now - this.started;
    if (recent(this.lastGood, now))
      return this.failing()
        ? { ...fault('crc-failing', this.shares()), reading: true }
        : { code: 'ok', text: recent(this.noted, now) ? `reading; ${this.note}` : 'reading', reading: true };
    if (recent(this.lastFrame, now)) {
      if (this.lastKind === 'encrypted') return fault('encrypted-without-key');
      if (this.lastKind === 'wrong-key') return fault('wrong-key');
      if (this.lastKind === 'no-crc')
        return fault(
          'crc-failing',
          'Telegrams come without the CRC their version has (a gateway strips it?): mend that, or set `crc: accept-absent`',
        );
      return fault('crc-failing');
    }
    if (since < SILENCE) return { code: 'waiting', text: line ?? 'waiting for the first telegram', reading: false };
    if (recent(this.lastByte, now)) return fault('no-frames');
    return fault('no-bytes', line);
  }

  private failing(): boolean {
    return this.window.length >= 10 && this.window.filter((good) => !good).length > BAD_SHARE * this.window.length;
  }

  private shares(): string {
    const bad = this.window.filter((good) => !good).length;
    return `${bad} of the last ${this.window.length} telegrams were damaged: check cable, length, plug and the inverter of the line`;
  }
}

function recent(t: number, now: number): boolean {
  return now - t < SILENCE;
}

function fault(code: Exclude<HealthCode, 'ok' | 'waiting'>, text?: string): Health {
  return { code, text: text ?? TEXT[code], reading: false };
}
