import { BlockFramer, type Message } from '../block-framer.js';
import { ACK, NAK } from '../characters.js';
import { encodeBlock } from '../command.js';
import { encodeIdentification, type Identification } from '../identification.js';
import { decodeRequest, FIRST_BAUD } from '../opening.js';
import { withEvenParity } from '../parity.js';

/** What a meter does in this protocol; the data are in its own words. */
export interface ServerOptions {
  readonly identification: Pick<Identification, 'manufacturer' | 'speed' | 'escapes' | 'text'>;
  readonly mode: 'A' | 'B' | 'C';
  /** Answers to requests with this address, and to those without one. */
  readonly address?: string;
  /** Baud of the readout or programming mode (modes B and C). */
  readonly baud: number;
  /** The data block of a readout. */
  readonly readout: () => string;
  /** What the meter asks for a password with; undefined: none is wanted. */
  readonly operand?: string;
  readonly isPassword?: (command: string, text: string) => boolean;
  /** Partial blocks of the answer to a command, as `R5` and `P.01(;)`; a text in brackets alone is an error. */
  readonly answer: (command: string, data: string) => readonly string[];
}

export type ServerStep =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  | { readonly kind: 'speed'; readonly baud: number }
  /** The reader chose HDLC (mode E). */
  | { readonly kind: 'hdlc' };

type State = 'idle' | 'offered' | 'proving' | 'programming';

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

  /** The reader was silent for long: the meter goes back to where it waits for a request. */
  timeout(): ServerStep[] {
    return this.collect(() => this.idle());
  }

  receive(chunk: Uint8Array): ServerStep[] {
    return this.collect(() => {
      for (const byte of chunk) {
        const character = byte & 0x7f;
        if (character === LF || character === CR) this.lineEnds();
        else this.line = (this.line + String.fromCharCode(character)).slice(-LONGEST_LINE);
        if (this.state === 'programming' || this.state === 'proving') this.framer.push(Uint8Array.of(character));
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
    if (address !== '' && Number(address) !== Number(this.o.address ?? NaN) && address !== this.o.address) return;
    this.blocks = [];
    this.framer.reset();
    this.send(encodeIdentification(this.o.identification));
    this.state = this.o.mode === 'C' ? 'offered' : 'idle';
    if (this.o.mode === 'C') return;
    if (this.o.mode === 'B') this.steps.push({ kind: 'speed', baud: this.o.baud });
    this.put([encodeBlock(this.o.readout())]);
    if (this.o.mode === 'B') this.steps.push({ kind: 'speed', baud: FIRST_BAUD });
  }

  private acknowledged(speed: string, mode: string): void {
    if (speed !== '0') this.steps.push({ kind: 'speed', baud: this.o.baud });
    this.framer.reset();
    if (mode === '2') {
      this.state = 'idle';
      this.steps.push({ kind: 'hdlc' });
    } else if (mode === '1') this.challenge();
    else {
      this.state = 'idle';
      this.put([encodeBlock(this.o.readout())]);
      this.steps.push({ kind: 'speed', baud: FIRST_BAUD });
    }
  }

  private challenge(): void {
    this.state = this.o.isPassword === undefined ? 'programming' : 'proving';
    this.put([encodeBlock(`(${this.o.operand ?? ''})`, { command: 'P0' })]);
  }

  private take(message: Message): void {
    if (message.kind === 'damaged') this.send(Uint8Array.of(NAK));
    else if (message.kind === 'nak' && this.blocks.length > 0) this.send(this.blocks[0]!);
    else if (message.kind === 'ack' && this.blocks.length > 1) {
      this.blocks.shift();
      this.send(this.blocks[0]!);
    } else if (message.kind === 'block' && message.command !== undefined) this.command(message.command, message.data);
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
      this.put([encodeBlock('(ERROR01)')]);
      return;
    }
    this.state = 'programming';
    this.send(Uint8Array.of(ACK));
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
