import { isSmxError, type Clock, type Disposable, type Log } from '@smx-edge/model';
import { WrapperFramer } from '@smx-edge/protocols/cosem';
import type { DlmsServer } from '@smx-edge/protocols/dlms';
import { HdlcFramer } from '@smx-edge/protocols/hdlc';
import { FIRST_BAUD } from '@smx-edge/protocols/iec62056-21';
import { PacedWire } from '../line/index.js';
import { associates, busyFrame, busyPdu, StuckNumbers, wrongRelease, type Framing } from './answers.js';
import type { DlmsFaults } from './line-faults.js';
import { OpticalDoor, type OpticalOptions } from './optical.js';

/** After so long without a byte a meter lets go of its reader, ms. */
const INACTIVITY = 120_000;

export interface LineEndOptions {
  readonly framing: Framing;
  readonly referencing: 'LN' | 'SN';
  /** One for each logical device. */
  readonly servers: readonly DlmsServer[];
  /** Of an optical head. */
  readonly optical: OpticalOptions | undefined;
  /** Baud of the line; 0 = as fast as it goes. */
  readonly baud: number;
  readonly faults: DlmsFaults;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the meter still holds an association that was cut. */
  readonly isHeld: () => boolean;
  send(bytes: Uint8Array): void;
  /** Ends the connection, where the line is one. */
  hangUp(): void;
  /** The power fails now, for so many ms. */
  fail(ms: number): void;
}

/** The meter's end of one line: bytes of a reader in, answers out at the speed of the line, with what is wrong with it. */
export class LineEnd {
  /** A reader that went now would leave an association behind. */
  isAssociated = false;
  private readonly incoming: PacedWire;
  private readonly outgoing: PacedWire;
  private readonly door: OpticalDoor | undefined;
  private readonly busy: { push(chunk: Uint8Array): void };
  private readonly refused: Uint8Array[] = [];
  private readonly stuck = new StuckNumbers();
  private still: Disposable | undefined;

  constructor(private readonly o: LineEndOptions) {
    this.incoming = new PacedWire(o.clock, (chunk) => this.take(chunk));
    this.outgoing = new PacedWire(o.clock, (bytes) => o.send(bytes));
    this.door = o.optical && new OpticalDoor(o.optical);
    this.speed(o.optical === undefined ? o.baud : FIRST_BAUD);
    const { refused } = this;
    this.busy =
      o.framing === 'hdlc'
        ? new HdlcFramer((frame) => refused.push(busyFrame(frame)))
        : new WrapperFramer((pdu) => refused.push(busyPdu(pdu, o.referencing)));
  }

  /** Bytes that went over the line, both ways. */
  get bytes(): number {
    return this.incoming.bytes + this.outgoing.bytes;
  }

  receive(chunk: Uint8Array): void {
    this.still?.dispose();
    this.still = this.o.clock.after(INACTIVITY, () => this.drop());
    if (this.o.faults.has('echo')) this.outgoing.push(chunk);
    this.incoming.push(chunk);
  }

  /** Link and associations are forgotten, and what is under way is lost. */
  drop(): void {
    this.still?.dispose();
    this.incoming.clear();
    this.outgoing.clear();
    for (const server of this.o.servers) server.drop();
    this.door?.close();
    this.speed(this.door === undefined ? this.o.baud : FIRST_BAUD);
    this.isAssociated = false;
  }

  /** Without a speed of its own the line is as fast as it goes, whatever is agreed on. */
  private speed(baud: number): void {
    this.incoming.baud = this.outgoing.baud = this.o.baud === 0 ? 0 : baud;
  }

  private take(chunk: Uint8Array): void {
    for (const step of this.door?.take(chunk) ?? [{ kind: 'hdlc', chunk } as const]) {
      if (step.kind === 'speed') this.speed(step.baud);
      else if (step.kind === 'answer') this.reply(step.bytes);
      else for (const answer of this.answers(step.chunk)) this.reply(answer);
    }
  }

  private answers(chunk: Uint8Array): Uint8Array[] {
    const { servers, isHeld, faults, log, hangUp } = this.o;
    try {
      if (isHeld()) return this.refusals(chunk);
      const heard = faults.has('stuck') ? this.stuck.in(chunk) : chunk;
      return servers.flatMap((server) => server.receive(heard));
    } catch (error) {
      if (!isSmxError(error) || error.code !== 'SMX_PROTOCOL_APDU') throw error;
      log.debug('a reader speaks another protocol', { error: error.message });
      hangUp();
      return [];
    }
  }

  private refusals(chunk: Uint8Array): Uint8Array[] {
    this.busy.push(chunk);
    return this.refused.splice(0);
  }

  private reply(answer: Uint8Array): void {
    const { framing, faults, hangUp, fail } = this.o;
    this.isAssociated = associates(answer, framing) ?? this.isAssociated;
    const struck = faults.strike(answer.length);
    if (struck.has('silence')) return;
    let bytes = answer;
    if (struck.has('release')) bytes = wrongRelease(bytes, framing);
    if (struck.has('stuck')) bytes = this.stuck.out(bytes);
    if (struck.has('noise')) bytes = faults.disturbed(bytes);
    const dark = struck.get('power');
    const end = dark !== undefined ? () => fail(dark) : struck.has('cut') ? hangUp : undefined;
    if (end !== undefined) bytes = bytes.subarray(0, bytes.length >> 1);
    const [wait, gap] = [struck.get('delay') ?? 0, struck.get('drip') ?? 0];
    this.outgoing.push(bytes, { wait, gap, ...(end && { then: end }) });
  }
}
