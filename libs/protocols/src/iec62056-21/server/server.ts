import { BlockFramer, type Message } from '../block-framer.js';
import { ACK, NAK } from '../characters.js';
import { encodeBlock, encodeCommand } from '../command.js';
import { encodeIdentification, type Identification } from '../identification.js';
import { decodeRequest, FIRST_BAUD } from '../opening.js';
import { withEvenParity } from '../parity.js';

/** What a meter does in this protocol; the data are in its own words. */
export interface ServerOptions {
  readonly identification: Pick<Identification, 'manufacturer' | 'speed' | 'escapes' | 'text'>;
  /** D: it tells its data unasked (`push`) and hears nothing. */
  readonly mode: 'A' | 'B' | 'C' | 'D';
  /** Answers to requests with this address, and to those without one. */
  readonly address?: string;
  /** Baud of the readout or programming mode (modes B and C). */
  readonly baud: number;
  /** The data block of a readout, with its end `!`. */
  readonly readout: () => string;
  /** Whether a readout comes in a block with its check; default as the mode has it: all but D. */
  readonly isFramed?: boolean;
  /** What the meter asks for a password with; undefined: none is wanted. */
  readonly operand?: string;
  readonly isPassword?: (command: string, text: string) => boolean;
  /** What it says to a wrong one: an error, NAK, or the end (B0). Default an error. */
  readonly refusal?: 'error' | 'nak' | 'break';
  /** Partial blocks of the answer to a command, as `R5` and `P.01(;)`; a text in brackets alone is an error. */
  readonly answer: (command: string, data: string) => readonly string[];
}

export type ServerStep =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  | { readonly kind: 'speed'; readonly baud: number }
  /** The reader chose HDLC (mode E). */
  | { readonly kind: 'hdlc' };

/** `offered` until the reader acknowledges; `told` while a readout may be asked for again. */
type State = 'idle' | 'offered' | 'told' | 'proving' | 'programming';

/** Silence after which a state ends, ms: without an acknowledgement, without a NAK, and without a command (§6.4.3, §6.3.14). */
const PATIENCE: Readonly<Record<State, number | undefined>> = {
  idle: undefined,
  offered: 2200,
  told: 1500,
  proving: 120_000,
  programming: 120_000,
};

const LF = 0x0a;
const CR = 0x0d;
const LONGEST_LINE = 64;
const ACKNOWLEDGEMENT = /^\u0006(.)(.)(.)$/;

/** The meter's end of a conversation (IEC 62056-21): what a simulator needs. Bytes of a line of 8N1, the parity made in software. */
export class IecServer {
  private state: State = 'idle';
  private line = '';
  private readonly framer = new BlockFramer((message) => this.take(message));
  /** Blocks of the present answer, the one sent last first. */
  private blocks: Uint8Array[] = [];
  private steps: ServerStep[] = [];

  constructor(private readonly o: ServerOptions) {}

  get firstBaud(): number {
    return FIRST_BAUD;
  }

  /** ms of silence after which `timeout` is due; undefined where it waits for a request. */
  get patience(): number | undefined {
    return PATIENCE[this.state];
  }

  /** The reader was silent for long: it gets the readout at 300 baud where it acknowledged nothing; else the meter waits for a request. */
  timeout(): ServerStep[] {
    return this.collect(() => (this.state === 'offered' ? this.tell() : this.idle()));
  }

  /** Whoever read is forgotten. */
  drop(): void {
    this.idle();
  }

  /** What a meter of mode D says by itself. */
  push(): ServerStep[] {
    return this.collect(() => this.send(this.telegram()));
  }

  receive(chunk: Uint8Array): ServerStep[] {
    if (this.o.mode === 'D') return [];
    return this.collect(() => {
      for (const byte of chunk) {
        const character = byte & 0x7f;
        if (character === LF || character === CR) this.lineEnds();
        else this.line = (this.line + String.fromCharCode(character)).slice(-LONGEST_LINE);
        if (this.state !== 'idle' && this.state !== 'offered') this.framer.push(Uint8Array.of(character));
      }
    });
  }

  private lineEnds(): void {
    const { line } = this;
    this.line = '';
    const request = decodeRequest(line.slice(Math.max(0, line.lastIndexOf('/'))));
    if (request !== undefined) this.requested(request);
    else if (this.state === 'offered') {
      const chosen = ACKNOWLEDGEMENT.exec(line.slice(Math.max(0, line.lastIndexOf('\u0006'))));
      if (chosen !== null) this.acknowledged(chosen[2]!, chosen[3]!);
    }
  }

  private requested(address: string): void {
    // who speaks to it or to another begins at 300 baud
    if (this.state !== 'idle') this.idle();
    if (address !== '' && Number(address) !== Number(this.o.address ?? NaN) && address !== this.o.address) return;
    const { mode, baud, isFramed = true, identification, readout } = this.o;
    if (mode === 'A' && !isFramed) {
      this.send(this.telegram());
      return;
    }
    this.send(encodeIdentification(identification));
    this.state = mode === 'C' ? 'offered' : 'told';
    if (mode === 'C') return;
    if (mode === 'B') this.steps.push({ kind: 'speed', baud });
    this.put([encodeBlock(readout())]);
  }

  private acknowledged(speed: string, mode: string): void {
    const { identification, baud } = this.o;
    const isHdlc = mode === '2' && identification.escapes.includes('2');
    // what it did not offer it did not understand
    if ((speed !== '0' && speed !== identification.speed) || (mode !== '0' && mode !== '1' && !isHdlc)) return;
    if (speed !== '0') this.steps.push({ kind: 'speed', baud });
    this.framer.reset();
    if (isHdlc) {
      this.state = 'idle';
      this.steps.push({ kind: 'hdlc' });
    } else if (mode === '1') this.challenge();
    else this.tell();
  }

  /** The readout, which may be asked for again. */
  private tell(): void {
    this.state = 'told';
    this.put([encodeBlock(this.o.readout())]);
  }

  /** Identification and readout without a frame. */
  private telegram(): Uint8Array {
    const { identification, readout } = this.o;
    return Buffer.concat([encodeIdentification(identification), Buffer.from(`\r\n${readout()}`, 'latin1')]);
  }

  private challenge(): void {
    this.state = this.o.isPassword === undefined ? 'programming' : 'proving';
    this.put([encodeBlock(`(${this.o.operand ?? ''})`, { command: 'P0' })]);
  }

  private take(message: Message): void {
    if (message.kind === 'damaged') this.send(Uint8Array.of(NAK));
    else if (message.kind === 'nak' && this.blocks.length > 0) this.send(this.blocks[0]!);
    else if (message.kind === 'ack') this.next();
    else if (message.kind === 'block' && message.command !== undefined) this.command(message.command, message.data);
  }

  /** What was sent last is there. */
  private next(): void {
    if (this.state === 'told') this.idle();
    else if (this.blocks.length > 1) {
      this.blocks.shift();
      this.send(this.blocks[0]!);
    }
  }

  private command(command: string, data: string): void {
    if (command === 'B0') this.idle();
    else if (command === 'P1' || command === 'P2') this.prove(command, data.slice(1, -1));
    else if (this.state === 'proving' || !/^R[1256]$/.test(command)) this.put([encodeBlock('(ERROR00)')]);
    else {
      const parts = this.o.answer(command, data);
      this.put(parts.map((part, i) => encodeBlock(part, { isLast: i === parts.length - 1 })));
    }
  }

  private prove(command: string, text: string): void {
    if (this.o.isPassword?.(command, text) === false) {
      this.refuse();
      return;
    }
    this.state = 'programming';
    this.send(Uint8Array.of(ACK));
  }

  private refuse(): void {
    const { refusal = 'error' } = this.o;
    if (refusal === 'nak') this.send(Uint8Array.of(NAK));
    else if (refusal === 'error') this.put([encodeBlock('(ERROR01)')]);
    else {
      this.send(encodeCommand('B0'));
      this.idle();
    }
  }

  private idle(): void {
    this.state = 'idle';
    this.blocks = [];
    this.line = '';
    this.framer.reset();
    this.steps.push({ kind: 'speed', baud: FIRST_BAUD });
  }

  private put(blocks: Uint8Array[]): void {
    this.blocks = blocks;
    if (blocks.length > 0) this.send(blocks[0]!);
  }

  private send(characters: Uint8Array): void {
    this.steps.push({ kind: 'send', bytes: withEvenParity(characters) });
  }

  private collect(work: () => void): ServerStep[] {
    this.steps = [];
    work();
    return this.steps;
  }
}
