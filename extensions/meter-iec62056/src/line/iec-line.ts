import type { Line } from '@smx-edge/extension-api';
import type { PasswordTries } from '@smx-edge/extension-api/metering';
import { SmxError, systemClock, type Clock } from '@smx-edge/model';
import { IecClient, type ClientOptions, type Identification } from '@smx-edge/protocols/iec62056-21';
import type { LineSettings, MeterSettings, Share } from '../settings.js';
import type { MeterProfile } from '../profile/meter-profile.js';
import { Conversation, type Answer } from './conversation.js';
import { pause } from './pause.js';

/** A line has this long to open before the meter counts as silent, ms. */
const OPENS = 5000;
const LOOK = 20;
/** Between tries for a port that another has a slice of, ms. */
const AGAIN = 300;
/** After a conversation, so that the meter is back where it waits for a request, ms. */
const GAP = 300;
/** A meter begins to answer within this (IEC 62056-21 §6.1), and how long a line may at most take to fall silent, ms. */
const REACTION = 1500;
const SILENT = 20_000;

/** How long an adapter may hold back what a meter said, ms. */
const HELD = 120_000;

export interface IecLineOptions {
  readonly settings: LineSettings;
  /** Whether it has several meters: a late answer of one may not be taken for the next one's. */
  readonly isShared: boolean;
  /** Where others read by the same port. */
  readonly share?: Share | undefined;
  open(): Line;
  now(): number;
  /** For intervals; default that of the system. */
  readonly clock?: Clock | undefined;
  /** A meter has said who it is. */
  met?(identification: Identification): void;
  /** Something came of the line. */
  heard?(bytes: number): void;
}

/** One line with its meters, of which one is spoken with at a time. */
export class IecLine {
  private line: Line | undefined;
  private current: Conversation | undefined;
  private pumping: Promise<void> = Promise.resolve();
  private isClosed = false;
  /** Something of an earlier conversation may still come. */
  private isUnsettled = false;
  /** Until when something of it may come that an adapter held back, monotonic ms. */
  private doubtfulUntil = -Infinity;
  /** When something came last, monotonic ms. */
  private heardAt = 0;
  /** Since when the port is held, and from when on it may be again, ms UTC. */
  private heldSince = 0;
  private freeFrom = -Infinity;

  private readonly clock: Clock;

  constructor(private readonly o: IecLineOptions) {
    this.clock = o.clock ?? systemClock;
  }

  /**
   * A conversation with one meter, after that with another is over. Rejects with the codes of a conversation, with
   * SMX_TRANSPORT_BUSY where another holds the port, and what the line rejects.
   */
  async converse(
    meter: MeterSettings,
    { family, mode, tries }: { readonly family: MeterProfile; readonly mode: ClientOptions['mode']; readonly tries?: PasswordTries }, // prettier-ignore
  ): Promise<{ readonly conversation: Conversation; readonly answer: Answer | undefined }> {
    await this.leave();
    const line = await this.hold();
    if (this.isUnsettled) await this.settle();
    const { hasSpeed, fixedBaud, mostBaud, handshake } = this.o.settings;
    const baudDelay = this.o.settings.baudDelay ?? family.baudDelay;
    const conversation = new Conversation({
      client: new IecClient({
        mode,
        ...(meter.address !== undefined && { address: meter.address }),
        ...(meter.password !== undefined && { password: meter.password }),
        ...(fixedBaud !== undefined && { fixedBaud }),
        ...(mostBaud !== undefined && { mostBaud }),
        ...(handshake !== undefined && { handshake }),
        ...(baudDelay !== undefined && { baudDelay }),
      }),
      ...{ line, hasSpeed, tries, silence: family.silence, clock: this.clock },
      met: (identification) => this.o.met?.(identification),
    });
    this.current = conversation;
    const answer = await conversation.open();
    return { conversation, answer };
  }

  /** Ends the conversation that stands; the meter is told so. */
  async leave(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    if (current === undefined) return;
    if (current.isOpen) {
      await current.close();
      await pause(this.clock, GAP);
    } else current.lost();
    if (!this.o.isShared || current.isComplete) return;
    this.isUnsettled = true;
    // a bridge may hold back what came for this connection
    if (!this.o.settings.hasSpeed) await this.drop();
    else this.doubtfulUntil = this.clock.monotonic() + HELD;
  }

  /** What came was of another meter: until the line is silent, more of it may come. */
  distrust(): void {
    this.isUnsettled = true;
  }

  /** Whether what comes may be of another meter that was asked before and did not answer then. */
  get isDoubtful(): boolean {
    return this.clock.monotonic() < this.doubtfulUntil;
  }

  /** Until nothing comes any more of what was asked before. */
  private async settle(): Promise<void> {
    const began = this.clock.monotonic();
    this.heardAt = began;
    while (this.clock.monotonic() - this.heardAt < REACTION && this.clock.monotonic() - began < SILENT)
      await pause(this.clock, LOOK);
    this.isUnsettled = false;
  }

  /** How long the port may be held from now on, ms; 0 while it is left to others. */
  left(): number {
    const { share, now } = this.o;
    if (share === undefined) return Infinity;
    const at = now();
    if (this.line === undefined) return at >= this.freeFrom ? share.for : 0;
    return Math.max(0, this.heldSince + share.for - at);
  }

  /** After a turn: gives the port back where others use it. */
  async turned(): Promise<void> {
    const { share, now } = this.o;
    if (share === undefined || this.line === undefined) return;
    await this.release();
    this.freeFrom = now() + share.pause;
  }

  /** For good. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.release();
  }

  private async release(): Promise<void> {
    await this.leave();
    await this.drop();
  }

  private async drop(): Promise<void> {
    const { line } = this;
    this.line = undefined;
    await line?.close();
    await this.pumping;
  }

  private async hold(): Promise<Line> {
    const { share } = this.o;
    for (let waited = 0; ; waited += AGAIN) {
      if (this.isClosed) throw new SmxError('SMX_METER_SILENT', 'The line to the meter is closed');
      const line = await this.opened();
      const { status, reason, text = 'The line to the meter is not open' } = line.state;
      if (status !== 'connecting' && status !== 'closed') return line;
      if (reason !== 'busy') throw new SmxError('SMX_METER_SILENT', text);
      // who shares it has it for a slice
      if (waited >= (share?.for ?? 0)) throw new SmxError('SMX_TRANSPORT_BUSY', text);
      await this.drop();
      await pause(this.clock, AGAIN);
    }
  }

  /** The line once it is open, or not for now. */
  private async opened(): Promise<Line> {
    if (this.line === undefined) {
      this.heldSince = this.o.now();
      this.line = this.o.open();
      this.pumping = this.pump(this.line);
    }
    const { line } = this;
    for (let waited = 0; line.state.status === 'connecting' && waited < OPENS; waited += LOOK) {
      if (line.state.reason === 'busy') break;
      await pause(this.clock, LOOK);
    }
    return line;
  }

  private async pump(line: Line): Promise<void> {
    const gap = line.onGap(() => this.current?.lost());
    try {
      for await (const chunk of line) {
        this.heardAt = this.clock.monotonic();
        this.o.heard?.(chunk.length);
        this.current?.receive(chunk);
      }
    } finally {
      gap.dispose();
      this.current?.lost();
    }
  }
}
