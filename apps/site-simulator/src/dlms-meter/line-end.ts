import type { Clock, Log } from '@smx-edge/model';
import { WrapperFramer } from '@smx-edge/protocols/cosem';
import type { DlmsServer } from '@smx-edge/protocols/dlms';
import { HdlcFramer } from '@smx-edge/protocols/hdlc';
import { FIRST_BAUD, type IecServer } from '@smx-edge/protocols/iec62056-21';
import { AnswerLine, type FaultBook, type Wire, type WireEnd } from '../line/index.js';
import { answersOf, associates, busyFrame, busyPdu, StuckNumbers, wrongRelease, type Framing } from './answers.js';
import type { DlmsFault } from './line-faults.js';

/** After so long without a byte a meter lets go of its reader, ms. */
const INACTIVITY = 120_000;
const SLASH = 0x2f;
const SEVEN_BITS = 0x7f;

export interface LineEndOptions {
  readonly wire: Wire;
  readonly framing: Framing;
  readonly referencing: 'LN' | 'SN';
  /** One for each logical device. */
  readonly servers: readonly DlmsServer[];
  /** Sign-on of an optical head, behind which there is HDLC. */
  readonly optical: IecServer | undefined;
  /** Baud of the line; 0 = as fast as it goes. */
  readonly baud: number;
  readonly faults: FaultBook<DlmsFault>;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the meter still holds an association that was cut. */
  readonly isHeld: () => boolean;
  /** The power fails now, for so many ms. */
  fail(ms: number): void;
}

/** The meter's end of one line: bytes of a reader in, answers out at the speed of the line, with what is wrong with it. */
export class LineEnd implements WireEnd {
  /** A reader that went now would leave an association behind. */
  isAssociated = false;
  private readonly line: AnswerLine<DlmsFault>;
  /** Behind the sign-on. */
  private isHdlc = false;
  private readonly busy: { push(chunk: Uint8Array): void };
  private readonly refused: Uint8Array[] = [];
  private readonly stuck = new StuckNumbers();

  constructor(private readonly o: LineEndOptions) {
    this.line = new AnswerLine<DlmsFault>({ ...o, take: (chunk) => this.take(chunk) });
    this.signOff();
    const { refused } = this;
    this.busy =
      o.framing === 'hdlc'
        ? new HdlcFramer((frame) => refused.push(busyFrame(frame)))
        : new WrapperFramer((pdu) => refused.push(busyPdu(pdu, o.referencing)));
  }

  get bytes(): number {
    return this.line.bytes;
  }

  receive(chunk: Uint8Array): void {
    this.line.whenStill(INACTIVITY, () => this.drop());
    this.line.receive(chunk);
  }

  drop(): void {
    this.line.drop();
    for (const server of this.o.servers) server.drop();
    this.signOff();
    this.isAssociated = false;
  }

  private signOff(): void {
    this.isHdlc = this.o.optical === undefined;
    if (!this.isHdlc) this.line.speed(FIRST_BAUD);
  }

  private take(chunk: Uint8Array): void {
    const { optical } = this.o;
    // a frame begins with a flag, so what begins so is a reader that signs on again
    if (this.isHdlc && optical !== undefined && (chunk[0]! & SEVEN_BITS) === SLASH) this.signOff();
    if (this.isHdlc || optical === undefined) {
      this.takeFrames(chunk);
      return;
    }
    for (const step of optical.receive(chunk)) {
      if (step.kind === 'speed') this.line.speed(step.baud);
      else if (step.kind === 'send') this.reply(step.bytes);
      else this.isHdlc = true;
    }
  }

  private takeFrames(chunk: Uint8Array): void {
    const { servers, isHeld, log, wire } = this.o;
    const answers = isHeld() ? this.refusals(chunk) : answersOf(servers, this.heard(chunk), log);
    if (answers === undefined) wire.hangUp();
    else for (const answer of answers) this.reply(answer);
  }

  private heard(chunk: Uint8Array): Uint8Array {
    return this.o.faults.has('stuck') ? this.stuck.in(chunk) : chunk;
  }

  private refusals(chunk: Uint8Array): Uint8Array[] {
    this.busy.push(chunk);
    return this.refused.splice(0);
  }

  private reply(answer: Uint8Array): void {
    const { framing } = this.o;
    this.isAssociated = associates(answer, framing) ?? this.isAssociated;
    this.line.reply(answer, {
      spoil: (bytes, struck) => {
        const released = struck.has('release') ? wrongRelease(bytes, framing) : bytes;
        return struck.has('stuck') ? this.stuck.out(released) : released;
      },
    });
  }
}
