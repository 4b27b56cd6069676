import type { S1Counts } from '@smx-edge/protocols/s1';

/** `absent`: there never was a frame and nothing comes, which is how a meter without the port looks. */
type HealthCode = 'ok' | 'waiting' | 'absent' | 'silent' | 'not-open' | 'no-frames' | 'unknown-version' | 'lossy';

export interface Health {
  readonly code: HealthCode;
  /** One sentence: what is, and what to do. */
  readonly text: string;
}

/** ms without a byte, or without a frame, after which that is said. */
const SILENCE = 5000;
/** ms for which a line may wait to be opened, and for its first byte. */
const START = 10_000;
/** Newest seconds by which loss is judged, and the share of frames that may be lost in them. */
const WINDOW = 10;
const LOST_SHARE = 0.01;

const TEXT = {
  ok: 'reading',
  waiting: 'waiting for the first frame',
  absent:
    'Nothing comes, as from a meter without an S1 port (newer ones have none): nothing else needs it; if yours has one, look at plug, RS-422 adapter and its two wires',
  silent: 'The S1 port fell silent: look at the plug, the adapter, and whether the meter has power',
  'no-frames':
    'Bytes arrive but no S1 frame: wrong speed (2 or 1.5 Mbit/s), the two wires swapped, or another port (P1?)',
  'unknown-version': 'The meter sends a data format that nobody has published; its samples are not guessed at',
} as const;

/** Judges an S1 line once a second by what it counted. Times in ms of one clock. */
export class LineHealth {
  private lastByte = NaN;
  private lastFrame = NaN;
  private frames = 0;
  private missing = 0;
  private unknown = 0;
  private readonly window: (readonly [frames: number, missing: number])[] = [];

  constructor(private readonly started: number) {}

  bytes(now: number): void {
    this.lastByte = now;
  }

  /** `shut` says why the line is not open, where it is not. */
  assess(now: number, counts: Readonly<S1Counts>, shut?: string): Health {
    const came = counts.frames - this.frames;
    const unknown = counts.unknownVersion > this.unknown;
    if (came > 0) this.lastFrame = now;
    this.window.push([came, counts.missing - this.missing]);
    if (this.window.length > WINDOW) this.window.shift();
    this.frames = counts.frames;
    this.missing = counts.missing;
    this.unknown = counts.unknownVersion;
    if (now - this.lastFrame < SILENCE) return this.judge();
    const isStart = now - this.started < START;
    if (shut !== undefined)
      return { code: isStart && Number.isNaN(this.lastFrame) ? 'waiting' : 'not-open', text: shut };
    if (unknown) return say('unknown-version');
    if (now - this.lastByte < SILENCE)
      return say(Number.isNaN(this.lastFrame) && now - this.started < SILENCE ? 'waiting' : 'no-frames');
    if (!Number.isNaN(this.lastFrame)) return say('silent');
    return say(isStart ? 'waiting' : 'absent');
  }

  private judge(): Health {
    let frames = 0;
    let missing = 0;
    for (const [came, lost] of this.window) {
      frames += came;
      missing += lost;
    }
    const share = missing / (frames + missing);
    if (!(share > LOST_SHARE)) return say('ok');
    const percent = (share * 100).toFixed(1);
    return {
      code: 'lossy',
      text: `${percent} % of the frames are lost: the adapter must carry 2 Mbit/s, its wires be twisted and ended, and the box not be overloaded`,
    };
  }
}

function say(code: keyof typeof TEXT): Health {
  return { code, text: TEXT[code] };
}
