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
/** Once the pace of a meter is known: three of its intervals and this, ms. */
const SLACK = 2000;
/** Intervals by which a meter's pace is known; shorter ones are telegrams that were held up and came at once. */
const PACE = { least: 3, kept: 8, shortest: 500 } as const;
/** A line that is open again within this was not lost, ms. */
const LOST = 2000;
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

/** A line that is not open: why, and since when. */
export interface ShutLine {
  readonly text: string;
  readonly since: number;
}

/** Judges a P1 line by its bytes and frames. Times in ms of one clock. */
export class LineHealth {
  private lastByte = NaN;
  private lastGood = NaN;
  private lastKind: FrameKind | undefined;
  private lastFrame = NaN;
  private readonly window: boolean[] = [];
  /** Between good telegrams, the newest last, ms. */
  private readonly intervals: number[] = [];
  private note = '';
  private noted = NaN;

  constructor(private readonly started: number) {}

  bytes(now: number): void {
    this.lastByte = now;
  }

  frame(kind: FrameKind, now: number): void {
    this.lastKind = kind;
    this.lastFrame = now;
    if (kind === 'good') this.good(now);
    this.window.push(kind === 'good');
    if (this.window.length > WINDOW) this.window.shift();
  }

  /** A telegram was good, yet something is to be said of how it came. */
  remark(note: string, now: number): void {
    this.note = note;
    this.noted = now;
  }

  /** `shut` where the line is not open. */
  assess(now: number, shut?: ShutLine): Health {
    const since = now - this.started;
    if (shut !== undefined && !Number.isNaN(this.lastGood) && now - shut.since >= LOST)
      return fault('no-bytes', shut.text);
    if (this.recent(this.lastGood, now))
      return this.failing()
        ? { ...fault('crc-failing', this.shares()), reading: true }
        : { code: 'ok', text: this.recent(this.noted, now) ? `reading; ${this.note}` : 'reading', reading: true };
    if (this.recent(this.lastFrame, now)) {
      if (this.lastKind === 'encrypted') return fault('encrypted-without-key');
      if (this.lastKind === 'wrong-key') return fault('wrong-key');
      if (this.lastKind === 'no-crc')
        return fault(
          'crc-failing',
          'Telegrams come without the CRC their version has (a gateway strips it?): mend that, or set `crc: accept-absent`',
        );
      return fault('crc-failing');
    }
    if (since < SILENCE && Number.isNaN(this.lastGood))
      return { code: 'waiting', text: shut?.text ?? 'waiting for the first telegram', reading: false };
    if (this.recent(this.lastByte, now)) return fault('no-frames');
    return fault('no-bytes', shut?.text);
  }

  private good(now: number): void {
    const interval = now - this.lastGood;
    this.lastGood = now;
    if (!(interval >= PACE.shortest)) return;
    this.intervals.push(interval);
    if (this.intervals.length > PACE.kept) this.intervals.shift();
  }

  /** What came at `t` is not yet old for a meter of this pace. */
  private recent(t: number, now: number): boolean {
    const { intervals } = this;
    const silence = intervals.length < PACE.least ? SILENCE : Math.min(SILENCE, 3 * Math.max(...intervals) + SLACK);
    return now - t < silence;
  }

  private failing(): boolean {
    return this.window.length >= 10 && this.window.filter((good) => !good).length > BAD_SHARE * this.window.length;
  }

  private shares(): string {
    const bad = this.window.filter((good) => !good).length;
    return `${bad} of the last ${this.window.length} telegrams were damaged: check cable, length, plug and the inverter of the line`;
  }
}

function fault(code: Exclude<HealthCode, 'ok' | 'waiting'>, text?: string): Health {
  return { code, text: text ?? TEXT[code], reading: false };
}
