import { CR, LF } from './bytes.js';
import { decryptFrame, DEFAULT_AAD, splitCipherFrame } from './cipher.js';
import { judge } from './envelope.js';
import { DEFAULT_MAX_FRAME, type P1Frame, type P1FramerCounts } from './frame.js';
import { P1Framer } from './framer.js';
import { Mapper } from './mapper.js';
import type { P1Protection, P1Telegram } from './telegram.js';
import { TelegramState } from './telegram-state.js';

/** Digits and line end behind `!`. */
const CRC_FIELD = 6;

/**
 * Something an operator should know that is no telegram. `no-key`: frames are encrypted and no key is set; `wrong-key`:
 * the key opens nothing; `damaged`: the key is right and the frame is not; `unauthenticated`: the authentication data do
 * not match, the CRC inside proved the telegram; `counter-fell`: the frame counter did not rise, which is a new key, a
 * new meter or a replay.
 */
export interface P1Notice {
  readonly kind: 'no-key' | 'wrong-key' | 'damaged' | 'unauthenticated' | 'counter-fell';
  /** Frame counter of the frame it is about. */
  readonly counter: number;
}

export interface P1Counts extends P1FramerCounts {
  ok: number;
  bad: number;
  absent: number;
  restored: number;
  /** Encrypted frames that gave no telegram. */
  undecrypted: number;
}

export interface P1DecoderOptions {
  /** Called with every telegram, also one whose verdict is `bad`: the caller decides what to use. */
  readonly onTelegram: (telegram: P1Telegram) => void;
  readonly onNotice?: (notice: P1Notice) => void;
  /** AES-128 key, see `parseKey`. */
  readonly key?: Uint8Array;
  /** Additional authenticated data, see `parseAad`. Default: those of the Luxembourg specification. */
  readonly aad?: Uint8Array;
  /** Longest telegram in bytes. Default 8192. */
  readonly maxFrame?: number;
  /** UTC of a wall clock given as if it were UTC, for the times of DSMR 2.2 and 3.0 (`Zone.utc` of the model). */
  readonly localToUtc?: (local: number) => number;
}

/**
 * P1 of every version and country, plain and encrypted: bytes in pieces of any size in, telegrams out. Nothing is
 * configured but the key. Never throws on input; allocates nothing per telegram once its texts are known.
 */
export class P1Decoder {
  readonly counts: P1Counts;
  private readonly framer: P1Framer;
  private readonly telegram: TelegramState;
  private readonly mapper: Mapper;
  private readonly inner: P1Framer;
  private protection: P1Protection = 'plain';
  /** Length of what an encrypted frame held. */
  private plainLength = 0;
  /** Telegrams found inside encrypted frames. */
  private opened = 0;
  private lastTitle = '';
  private lastCounter = -1;

  constructor(private readonly options: P1DecoderOptions) {
    const { maxFrame = DEFAULT_MAX_FRAME, localToUtc } = options;
    this.framer = new P1Framer({
      maxFrame,
      onFrame: (frame) => (frame.kind === 'text' ? this.accept(frame) : this.open(frame)),
    });
    this.inner = new P1Framer({ maxFrame, onFrame: (frame) => this.acceptInner(frame) });
    this.telegram = new TelegramState(maxFrame);
    this.mapper = new Mapper(this.telegram, localToUtc);
    this.counts = Object.assign(this.framer.counts, { ok: 0, bad: 0, absent: 0, restored: 0, undecrypted: 0 });
  }

  /** Takes the next bytes of the line. `onTelegram` is called before this returns. */
  push(chunk: Uint8Array): void {
    this.framer.push(chunk);
  }

  /** The line was silent for longer than its interval, or a recording ended. */
  flush(): void {
    this.framer.flush();
  }

  private accept(frame: P1Frame): boolean {
    this.protection = 'plain';
    this.decode(frame);
    return true;
  }

  private open(frame: P1Frame): boolean {
    const parts = splitCipherFrame(frame.bytes.subarray(0, frame.length));
    const { key, aad = DEFAULT_AAD } = this.options;
    if (key === undefined) return this.refuse('no-key', parts.counter, true);
    const { plain, tag } = decryptFrame(parts, key, aad);
    this.protection = tag === 'aad' ? 'verified' : 'unauthenticated';
    const before = this.opened;
    this.plainLength = plain.length;
    this.inner.push(plain);
    this.inner.flush();
    if (this.opened === before)
      return this.refuse(plain[0] === 0x2f ? 'damaged' : 'wrong-key', parts.counter, tag !== 'none');
    if (tag !== 'aad') this.notify('unauthenticated', parts.counter);
    this.checkCounter(Buffer.from(parts.title).toString('hex'), parts.counter);
    return true;
  }

  /** The text inside an encrypted frame. Without a right tag only its CRC can prove it. */
  private acceptInner(frame: P1Frame): boolean {
    if (frame.kind !== 'text') return true;
    if (this.protection === 'unauthenticated') {
      // without a tag the length is unproven too: what lies behind the telegram belongs to other frames
      if (frame.given !== frame.computed || this.plainLength > frame.length + CRC_FIELD) return true;
    }
    this.opened++;
    this.decode(frame);
    return true;
  }

  private decode(frame: P1Frame): void {
    const { telegram } = this;
    const { bytes, length } = frame;
    const marked = frame.closedBy === 'marker' && bytes[length - 1] === 0x21;
    let identEnd = 0;
    while (identEnd < length && bytes[identEnd] !== LF) identEnd++;
    const from = identEnd;
    while (identEnd > 1 && bytes[identEnd - 1] === CR) identEnd--;
    telegram.source = bytes;
    telegram.sourceEnd = length;
    telegram.identCell.set(bytes, 1, identEnd);
    // the tag of an encrypted frame is a stronger proof than the CRC inside, which gateways are known to leave stale
    telegram.verdict = this.protection === 'verified' ? 'ok' : judge(frame);
    telegram.protection = this.protection;
    telegram.closedBy = frame.closedBy;
    telegram.tokens.scan(bytes, from, marked ? length - 1 : length);
    this.mapper.map();
    this.counts[telegram.verdict]++;
    this.options.onTelegram(telegram);
  }

  private checkCounter(title: string, counter: number): void {
    if (title === this.lastTitle && counter <= this.lastCounter) this.notify('counter-fell', counter);
    this.lastTitle = title;
    this.lastCounter = counter;
  }

  private refuse(kind: P1Notice['kind'], counter: number, genuine: boolean): boolean {
    this.counts.undecrypted++;
    this.notify(kind, counter);
    return genuine;
  }

  private notify(kind: P1Notice['kind'], counter: number): void {
    this.options.onNotice?.({ kind, counter });
  }
}
